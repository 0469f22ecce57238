package org.reft4j.server.http;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/** A request of Jetty's as handlers see it. */
final class JettyCall implements Call {
    /** Operations that keep nothing of their body: it may hold what a model wrote, which may be any character. */
    private static final Set<String> PASSING =
            Set.of("createChatCompletion", "createCompletion", "generateTokens", "runGrader");

    private final Request request;
    private final String id;
    private final Caller caller;
    private final Router.Match match;
    private final Map<String, String> fields;
    private final Body input;
    private @Nullable Map<String, List<String>> query;
    private @Nullable ObjectNode body;

    /**
     * @param fields what a dialect's path says and the body does not
     * @param longest number of bytes that the body may have
     */
    JettyCall(Request request, String id, Caller caller, Router.Match match, Map<String, String> fields, long longest) {
        this.request = request;
        this.id = id;
        this.caller = caller;
        this.match = match;
        this.fields = fields;
        if (request.getLength() > longest) {
            throw tooLong(longest);
        }
        this.input = new Body(Request.asInputStream(request), longest);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public Caller caller() {
        return caller;
    }

    @Override
    public String path(String name) {
        String value = match.parameters().get(name);
        if (value == null) {
            throw new IllegalArgumentException(match.operation().template() + " has no " + name);
        }
        if (value.indexOf('\0') >= 0) { // PostgreSQL keeps no such text
            throw ApiError.invalid(name, "The path of the URL has a NUL character.");
        }
        return value;
    }

    @Override
    public boolean secure() {
        return request.isSecure() || header("X-Forwarded-Proto").orElse("").equals("https");
    }

    @Override
    public Optional<String> query(String name) {
        return query().getOrDefault(name, List.of()).stream().findFirst();
    }

    @Override
    public Map<String, List<String>> query() {
        if (query == null) {
            query = new LinkedHashMap<>();
            try {
                for (Fields.Field field : Request.extractQueryParameters(request)) {
                    String all = field.getName() + field.getValues();
                    if (all.indexOf('\0') >= 0) { // PostgreSQL keeps no such text
                        throw ApiError.invalid(field.getName(), "The query of the URL has a NUL character.");
                    }
                    query.put(field.getName(), List.copyOf(field.getValues()));
                }
            } catch (IllegalArgumentException | HttpException.RuntimeException e) {
                throw ApiError.invalid(null, "The query of the URL is not percent-encoded UTF-8.");
            }
        }
        return query;
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeaders().get(name));
    }

    @Override
    public ObjectNode body() {
        if (body == null) {
            body = read();
            for (Map.Entry<String, String> field : fields.entrySet()) {
                if (!body.has(field.getKey())) {
                    body.put(field.getKey(), field.getValue());
                }
            }
        }
        return body;
    }

    private ObjectNode read() {
        byte[] bytes;
        try {
            bytes = input.readAllBytes();
        } catch (IOException e) {
            throw new Gone(e);
        }
        if (bytes.length == 0) {
            return Json.PLAIN.createObjectNode();
        }
        try {
            if (Json.STRICT.readTree(bytes) instanceof ObjectNode object) {
                if (!PASSING.contains(match.operation().id())) {
                    refuseNul(object, "");
                }
                return object;
            }
            throw ApiError.invalid(null, "The body must be a JSON object, such as {\"model\": \"…\"}.");
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String place = at == null ? "" : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")";
            throw ApiError.invalid(null, "The body is not valid JSON: " + e.getOriginalMessage() + place + ".");
        } catch (IOException e) {
            throw ApiError.invalid(null, "The body is not valid JSON in UTF-8: " + e.getMessage() + ".");
        }
    }

    /** PostgreSQL keeps no text with a NUL character. */
    private static void refuseNul(JsonNode node, String field) {
        if (node.isTextual() && node.textValue().indexOf('\0') >= 0) {
            throw ApiError.invalid(
                    field.isEmpty() ? null : field,
                    "The text of '" + field + "' has a NUL character (\\u0000); leave it out.");
        }
        node.properties().forEach(each -> {
            if (each.getKey().indexOf('\0') >= 0) {
                throw ApiError.invalid(
                        field.isEmpty() ? null : field, "The name of a field has a NUL character (\\u0000).");
            }
            refuseNul(each.getValue(), field.isEmpty() ? each.getKey() : field + "." + each.getKey());
        });
        if (node.isArray()) {
            node.forEach(each -> refuseNul(each, field));
        }
    }

    @Override
    public InputStream stream() {
        return input;
    }

    /** The number of bytes read. */
    long received() {
        return input.read;
    }

    /** True while a handler waits for bytes of the client. */
    boolean waiting() {
        return input.waiting;
    }

    private static ApiError tooLong(long longest) {
        return new ApiError(
                413,
                "invalid_request_error",
                null,
                "request_too_large",
                "The body is too large; this operation takes up to " + longest + " bytes.");
    }

    /** The client went away; there is nobody to tell. */
    static final class Gone extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Gone(IOException cause) {
            super(cause);
        }
    }

    /** A body that counts. */
    private static final class Body extends FilterInputStream {
        private static final long PATIENCE_NANOS = 30_000_000_000L;

        private final long longest;
        private long read;
        private long waitedNanos;
        private volatile boolean waiting;

        Body(InputStream in, long longest) {
            super(in);
            this.longest = longest;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            waiting = true;
            long start = System.nanoTime();
            int got;
            try {
                got = super.read(bytes, from, length);
            } finally {
                waiting = false;
                waitedNanos += System.nanoTime() - start;
            }
            if (waitedNanos > PATIENCE_NANOS && read < waitedNanos / 1_000_000) {
                throw ApiError.invalid(
                        null, "The body arrives too slowly; this server expects at least 1 kB a second.");
            }
            if (got > 0) {
                read += got;
                if (read > longest) {
                    throw tooLong(longest);
                }
            }
            return got;
        }
    }
}
