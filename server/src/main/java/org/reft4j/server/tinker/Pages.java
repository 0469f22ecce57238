package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;

/** A part of a list, by the query's {@code offset} and {@code limit}. */
record Pages<T>(List<T> items, int offset, int limit, int total) {
    private static final int LIMIT = 20;

    static <T> Pages<T> of(Call call, List<T> all) {
        int offset = number(call, "offset", 0);
        int limit = number(call, "limit", LIMIT);
        int from = Math.min(offset, all.size());
        return new Pages<>(all.subList(from, Math.min(all.size(), from + limit)), offset, limit, all.size());
    }

    private static int number(Call call, String name, int byDefault) {
        String text = call.query(name).orElse(Integer.toString(byDefault));
        if (!text.matches("\\d{1,6}")) {
            throw ApiError.invalid(name, "'" + name + "' is " + text + "; expected a whole number from 0.");
        }
        return Integer.parseInt(text);
    }

    ObjectNode cursor() {
        return Json.PLAIN
                .createObjectNode()
                .put("offset", offset)
                .put("limit", limit)
                .put("total_count", total);
    }
}
