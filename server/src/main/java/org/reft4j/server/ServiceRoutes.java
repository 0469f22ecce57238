package org.reft4j.server;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiDocument;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.Database;

/** The routes about the server itself. */
final class ServiceRoutes {
    private final byte[] document;
    private final Database database;
    private final Figures figures;

    ServiceRoutes(ApiDocument document, Database database, Figures figures) {
        this.document = document.json().toString().getBytes(StandardCharsets.UTF_8);
        this.database = database;
        this.figures = figures;
    }

    Map<String, Endpoint> handlers() {
        return Map.of(
                "getHealth", call -> status("ok"),
                "getReadiness", this::readiness,
                "getMetrics", call -> new Reply.Bytes(200, Figures.TYPE, figures.text()),
                "getApiDocument", call -> new Reply.Bytes(200, "application/json", document));
    }

    private Reply readiness(Call call) {
        try {
            database.jdbi().useHandle(handle -> handle.execute("SELECT 1"));
            return status("ready");
        } catch (RuntimeException e) {
            throw new ApiError(
                    503, "server_error", null, "database", "The database does not answer: " + e.getMessage());
        }
    }

    private static Reply status(String word) {
        return Reply.json(Json.PLAIN.createObjectNode().put("status", word));
    }
}
