package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Multipart;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.Incoming;
import org.reft4j.server.store.Page;
import org.reft4j.server.store.StoreFullException;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.StoredFiles;

/** The routes of files. */
public final class FileRoutes {
    private static final int MOST = 10_000;

    private final StoredFiles files;
    private final long longest;

    /** @param longest bytes of a file */
    public FileRoutes(StoredFiles files, long longest) {
        this.files = files;
        this.longest = longest;
    }

    public Map<String, Endpoint> handlers() {
        return Map.of(
                "createFile", this::create,
                "listFiles", this::list,
                "retrieveFile", this::retrieve,
                "downloadFile", this::content,
                "deleteFile", this::delete);
    }

    private Reply create(Call call) throws IOException {
        try (Incoming bytes = files.receive(call.caller().project())) {
            Multipart form = Multipart.read(call, "file", (content, length) -> {
                if (bytes.written() + length > longest) {
                    throw tooLarge(longest);
                }
                bytes.write(content, 0, length);
            });
            if (!form.hasFile()) {
                throw ApiError.invalid("file", "'file' is a required property: the part with the file's bytes.");
            }
            String purpose = FileFields.purpose(form.texts().get("purpose"));
            Long lifetime = FileFields.lifetime(
                    form.texts().get("expires_after[anchor]"), form.texts().get("expires_after[seconds]"), purpose);
            StoredFile file =
                    files.add(call.caller().project(), FileFields.filename(form.filename()), purpose, lifetime, bytes);
            return Reply.json(json(file));
        } catch (StoreFullException e) {
            throw full(e);
        }
    }

    private Reply list(Call call) {
        int limit = FileFields.number(call.query("limit").orElse(null), "limit", 1, MOST, MOST);
        String order = call.query("order").orElse("desc");
        if (!List.of("asc", "desc").contains(order)) {
            throw ApiError.invalid("order", "Invalid value for 'order': " + order + "; expected asc or desc.");
        }
        String project = call.caller().project();
        StoredFile after = call.query("after")
                .map(id -> files.find(project, id).orElseThrow(() -> missing("after", id)))
                .orElse(null);
        Page<StoredFile> page = files.list(
                project, new StoredFiles.Asked(call.query("purpose").orElse(null), after, limit, order.equals("asc")));
        ObjectNode list = Json.PLAIN.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        page.items().forEach(file -> data.add(json(file)));
        list.put(
                "first_id",
                page.items().isEmpty() ? null : page.items().getFirst().id());
        list.put(
                "last_id",
                page.items().isEmpty() ? null : page.items().getLast().id());
        return Reply.json(list.put("has_more", page.more()));
    }

    private Reply retrieve(Call call) {
        return Reply.json(json(asked(call)));
    }

    private Reply content(Call call) {
        StoredFile file = asked(call);
        return new Reply.File(files.path(file), "application/octet-stream", file.filename());
    }

    private Reply delete(Call call) throws IOException {
        String id = call.path("file_id");
        if (!files.delete(call.caller().project(), id)) {
            throw missing("id", id);
        }
        return Reply.json(Json.PLAIN
                .createObjectNode()
                .put("id", id)
                .put("object", "file")
                .put("deleted", true));
    }

    private StoredFile asked(Call call) {
        String id = call.path("file_id");
        return files.find(call.caller().project(), id).orElseThrow(() -> missing("id", id));
    }

    /** The refusal of an unknown file. */
    public static ApiError missing(String param, String id) {
        return ApiError.missing(param, null, "No such File object: " + id);
    }

    static ApiError tooLarge(long longest) {
        return new ApiError(
                413,
                "invalid_request_error",
                "file",
                "file_too_large",
                "The file is larger than " + longest + " bytes; send it in parts with the uploads API.");
    }

    /** Not 507: clients send again after any 5xx, and the disk would be no emptier. */
    public static ApiError full(StoreFullException full) {
        return new ApiError(413, "invalid_request_error", null, "storage_full", String.valueOf(full.getMessage()));
    }

    /** A file as clients see it. */
    static ObjectNode json(StoredFile file) {
        ObjectNode json = Json.PLAIN
                .createObjectNode()
                .put("id", file.id())
                .put("object", "file")
                .put("bytes", file.bytes())
                .put("created_at", file.createdMs() / 1000);
        Long expires = file.expiresMs();
        if (expires != null) {
            json.put("expires_at", expires / 1000);
        }
        return json.put("filename", file.filename())
                .put("purpose", file.purpose())
                .put("status", "processed")
                .putNull("status_details");
    }
}
