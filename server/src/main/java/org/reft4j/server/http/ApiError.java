package org.reft4j.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/** A refusal that the client is told about, in the words and fields of OpenAI's error object. */
public final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable String code;
    private final TreeMap<String, String> headers = new TreeMap<>();

    /**
     * @param status of HTTP; never 409, which every client sends again
     * @param type such as {@code invalid_request_error}
     * @param param the field at fault
     * @param message one sentence with the remedy
     */
    public ApiError(int status, String type, @Nullable String param, @Nullable String code, String message) {
        super(message);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** Something about the request is wrong (400). */
    public static ApiError invalid(@Nullable String param, String message) {
        return new ApiError(400, "invalid_request_error", param, null, message);
    }

    /** There is no such thing, or it belongs to somebody else (404). */
    public static ApiError missing(@Nullable String param, @Nullable String code, String message) {
        return new ApiError(404, "invalid_request_error", param, code, message);
    }

    /** Adds a header field to the reply, such as {@code Retry-After}. */
    public ApiError with(String name, String value) {
        headers.put(name, value);
        return this;
    }

    /** The header fields of the reply. */
    public Map<String, String> headers() {
        return Collections.unmodifiableMap(headers);
    }

    /** The error object, as clients get it. */
    public ObjectNode body() {
        ObjectNode body = Json.PLAIN.createObjectNode();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return body;
    }

    public int status() {
        return status;
    }

    public String type() {
        return type;
    }

    public @Nullable String param() {
        return param;
    }

    public @Nullable String code() {
        return code;
    }
}
