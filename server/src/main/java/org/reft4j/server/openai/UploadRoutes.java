package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Multipart;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.Incoming;
import org.reft4j.server.store.StoreFullException;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.Upload;
import org.reft4j.server.store.Uploads;

/** The routes of files that arrive in parts. */
public final class UploadRoutes {
    private static final long LONGEST = 8L << 30;
    private static final long LONGEST_PART = 64L << 20;

    private final Uploads uploads;

    public UploadRoutes(Uploads uploads) {
        this.uploads = uploads;
    }

    public Map<String, Endpoint> handlers() {
        return Map.of(
                "createUpload", this::create,
                "addUploadPart", this::part,
                "completeUpload", this::complete,
                "cancelUpload", this::cancel);
    }

    private Reply create(Call call) throws IOException {
        ObjectNode body = call.body();
        String filename = text(body, "filename");
        String purpose = FileFields.purpose(text(body, "purpose"));
        text(body, "mime_type");
        JsonNode bytes = body.path("bytes");
        if (!bytes.isIntegralNumber() || bytes.asLong() < 1 || bytes.asLong() > LONGEST) {
            throw ApiError.invalid("bytes", "'bytes' must be the file's length, from 1 to " + LONGEST + ".");
        }
        JsonNode expires = body.path("expires_after");
        Long lifetime = expires.isObject()
                ? FileFields.lifetime(
                        expires.path("anchor").asText(null),
                        expires.path("seconds").asText(null),
                        purpose)
                : FileFields.lifetime(null, null, purpose);
        try {
            return Reply.json(json(
                    uploads.create(
                            call.caller().project(), FileFields.filename(filename), purpose, bytes.asLong(), lifetime),
                    null));
        } catch (StoreFullException e) {
            throw FileRoutes.full(e);
        }
    }

    private Reply part(Call call) throws IOException {
        Upload upload = pending(call);
        try (Incoming bytes = uploads.receive(upload)) {
            Multipart form = Multipart.read(call, "data", (content, length) -> {
                if (bytes.written() + length > LONGEST_PART) {
                    throw new ApiError(
                            413,
                            "invalid_request_error",
                            "data",
                            "part_too_large",
                            "A part has at most " + LONGEST_PART + " bytes; send more parts.");
                }
                bytes.write(content, 0, length);
            });
            if (!form.hasFile()) {
                throw ApiError.invalid("data", "'data' is a required property: the part's bytes.");
            }
            // Twice, since a client may send a part again whose answer it did not get.
            if (uploads.received(upload) + bytes.written() > 2 * upload.bytes() + LONGEST_PART) {
                throw ApiError.invalid(
                        "data", "The parts have many more bytes than the " + upload.bytes() + " that were announced.");
            }
            Uploads.Part part = uploads.add(upload, bytes);
            return Reply.json(Json.PLAIN
                    .createObjectNode()
                    .put("id", part.id())
                    .put("object", "upload.part")
                    .put("created_at", part.createdMs() / 1000)
                    .put("upload_id", upload.id()));
        } catch (StoreFullException e) {
            throw FileRoutes.full(e);
        }
    }

    private Reply complete(Call call) throws IOException {
        Upload upload = pending(call);
        List<String> parts = new ArrayList<>();
        JsonNode given = call.body().path("part_ids");
        if (!given.isArray() || given.isEmpty()) {
            throw ApiError.invalid("part_ids", "'part_ids' must be the ids of the parts in their order.");
        }
        for (JsonNode id : given) {
            if (!id.isTextual()) {
                throw ApiError.invalid("part_ids", "'part_ids' must be a list of texts.");
            }
            parts.add(id.asText());
        }
        JsonNode md5 = call.body().path("md5");
        try {
            return switch (uploads.complete(upload, parts, md5.isTextual() ? md5.asText() : null)) {
                case Uploads.Completion.Done done -> Reply.json(json(asked(call), done.file()));
                case Uploads.Completion.Refused refused -> throw ApiError.invalid(refused.param(), refused.why());
            };
        } catch (StoreFullException e) {
            throw FileRoutes.full(e);
        }
    }

    private Reply cancel(Call call) throws IOException {
        Upload upload = pending(call);
        if (!uploads.cancel(upload)) {
            throw ended(asked(call));
        }
        return Reply.json(json(asked(call), null));
    }

    private Upload pending(Call call) {
        Upload upload = asked(call);
        if (!upload.status().equals(Upload.PENDING)) {
            throw ended(upload);
        }
        return upload;
    }

    private static ApiError ended(Upload upload) {
        return ApiError.invalid(null, "The upload " + upload.id() + " is " + upload.status() + "; create another.");
    }

    private Upload asked(Call call) {
        String id = call.path("upload_id");
        return uploads.find(call.caller().project(), id)
                .orElseThrow(() -> ApiError.missing("upload_id", null, "No such Upload object: " + id));
    }

    private static String text(ObjectNode body, String field) {
        if (!body.path(field).isTextual() || body.path(field).asText().isBlank()) {
            throw ApiError.invalid(field, "'" + field + "' is a required property and a text.");
        }
        return body.path(field).asText();
    }

    private ObjectNode json(Upload upload, @Nullable StoredFile file) {
        ObjectNode json = Json.PLAIN
                .createObjectNode()
                .put("id", upload.id())
                .put("object", "upload")
                .put("bytes", upload.bytes())
                .put("created_at", upload.createdMs() / 1000)
                .put("filename", upload.filename())
                .put("purpose", upload.purpose())
                .put("status", upload.status())
                .put("expires_at", upload.expiresMs() / 1000);
        json.set("file", file == null ? json.nullNode() : FileRoutes.json(file));
        return json;
    }
}
