package org.reft4j.server.http;

import org.jspecify.annotations.Nullable;

/** A refusal that the client is told about, in the words and fields of OpenAI's error object. */
public final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable String code;

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
