package org.reft4j.server.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;

/** Error objects for requests that Jetty refuses before they have a route. */
final class JsonErrors extends ErrorHandler {
    @Override
    public boolean errorPageForMethod(String method) {
        return true;
    }

    @Override
    protected void generateResponse(
            Request request,
            Response response,
            int status,
            @Nullable String message,
            @Nullable Throwable cause,
            Callback callback) {
        if (!response.getHeaders().contains(Exchanges.REQUEST_ID)) {
            response.getHeaders().put(Exchanges.REQUEST_ID, Secrets.id(Exchanges.REQUEST_PREFIX));
        }
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Exchanges.JSON);
        response.getHeaders().put(HttpHeader.CONNECTION, "close"); // the next request would meet a closed connection
        ApiError error = error(status, message);
        byte[] body = Json.PLAIN.valueToTree(error.body()).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    private static ApiError error(int status, @Nullable String message) {
        if (status >= 500) {
            return new ApiError(
                    status,
                    "server_error",
                    null,
                    null,
                    status == 503 ? "The server is ending; try again later." : "The server failed; its log says why.");
        }
        String reason = message == null || message.isBlank() ? HttpStatus.getMessage(status) : message;
        return new ApiError(
                status,
                "invalid_request_error",
                null,
                null,
                "The request was refused before it was read: " + reason + ".");
    }
}
