package org.reft4j.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.store.Outage;

/** Takes requests through the same steps: route, key, limits, handler, reply, log. */
final class Exchanges extends Handler.Abstract {
    static final String REQUEST_ID = "x-request-id";
    static final String REQUEST_PREFIX = "req_";
    static final String JSON = "application/json";
    private static final String BEARER = "Bearer ";
    private static final String SERVER_ERROR = "server_error";
    /** Of a refused body that is read all the same: a client that still sends would see a broken connection instead of the reason. */
    private static final long READ_BYTES = 8 << 20;

    private static final long READ_NS = 2_000_000_000L;
    /** Wrong keys from one address. */
    private static final int STRANGERS_PER_SECOND = 50;

    private final HttpSettings settings;
    private final List<Dialect> dialects;
    private final RequestLog log;
    private final Origins origins;
    private final Throttle ofKeys;
    private final Throttle ofStrangers = new Throttle(STRANGERS_PER_SECOND);
    private volatile @Nullable Served served;
    private volatile boolean ending;

    private record Served(Router router, Callers callers) {}

    Exchanges(HttpSettings settings, List<Dialect> dialects, RequestLog log) {
        this.settings = settings;
        this.dialects = dialects;
        this.log = log;
        this.origins = new Origins(settings.loopback(), settings.hosts());
        this.ofKeys = new Throttle(settings.requestsPerSecond());
    }

    void serve(Router router, Callers callers) {
        served = new Served(router, callers);
    }

    /** Ends streams at their next write. */
    void end() {
        ending = true;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        Exchange exchange = new Exchange(request, response);
        try {
            exchange.reply();
            exchange.log();
            callback.succeeded();
        } catch (IOException | JettyCall.Gone e) {
            exchange.log();
            callback.failed(e); // the client went away, or was too slow
        }
        return true;
    }

    /** One request and its reply. */
    private final class Exchange {
        private final Request request;
        private final Response response;
        private final String id = Secrets.id(REQUEST_PREFIX);
        private final long start = System.nanoTime();
        private @Nullable JettyCall call;
        private @Nullable Operation operation;
        private @Nullable Throwable failure;
        private volatile boolean writing;

        Exchange(Request request, Response response) {
            this.request = request;
            this.response = response;
        }

        void reply() throws IOException {
            response.getHeaders().put(REQUEST_ID, id);
            response.getHeaders().put("X-Content-Type-Options", "nosniff");
            // A handler may think for long; only a client that keeps it waiting is too slow.
            request.addIdleTimeoutListener(timeout -> {
                JettyCall current = call;
                return writing || (current != null && current.waiting());
            });
            try {
                write(handled());
            } catch (ApiError e) {
                refuse(e);
            } catch (EofException e) {
                throw e;
            } catch (IOException | RuntimeException | Error e) {
                failure = e;
                if (e instanceof JettyCall.Gone || response.isCommitted()) {
                    throw e instanceof IOException io ? io : new IOException("the reply ended early", e);
                }
                refuse(Outage.of(e)
                        .map(Exchange::outage)
                        .orElseGet(() -> new ApiError(
                                500,
                                SERVER_ERROR,
                                null,
                                null,
                                "The server failed; its log has the reason under the request id " + id + ".")));
            }
        }

        private static ApiError outage(Outage outage) {
            return new ApiError(503, SERVER_ERROR, null, outage.name().toLowerCase(Locale.ROOT), outage.sentence())
                    .with("Retry-After", "1");
        }

        private Reply handled() throws IOException {
            Served now = served;
            if (now == null) {
                throw new ApiError(
                                503, SERVER_ERROR, null, "starting", "The server is starting; try again in a second.")
                        .with("Retry-After", "1");
            }
            origins.require(header(HttpHeader.HOST.asString()), header("Origin"));
            HttpURI uri = request.getHttpURI();
            String path = Optional.ofNullable(uri.getPath()).orElse("/");
            Dialect.Target target = dialects.stream()
                    .flatMap(dialect -> dialect.target(path).stream())
                    .findFirst()
                    .orElseGet(() -> new Dialect.Target(path, Map.of()));
            Router.Match match = now.router().find(request.getMethod(), target.path());
            operation = match.operation();
            Caller caller = operation.access() == Operation.Access.PUBLIC
                    ? new Caller("", "", Caller.Role.READ)
                    : allowed(caller(now.callers()), operation);
            long longest = operation.body() == Operation.Body.FILE ? settings.fileBytes() : settings.bodyBytes();
            JettyCall made = new JettyCall(request, id, caller, match, target.fields(), longest);
            call = made;
            return match.operation().handler().handle(made);
        }

        private Caller caller(Callers callers) {
            Caller caller;
            try {
                caller = callers.of(key());
            } catch (ApiError e) {
                ofStrangers.require(Request.getRemoteAddr(request));
                throw e;
            }
            ofKeys.require(caller.key());
            return caller;
        }

        private Optional<String> key() {
            return header(HttpHeader.AUTHORIZATION.asString())
                    .filter(bearer -> bearer.regionMatches(true, 0, BEARER, 0, BEARER.length()))
                    .map(bearer -> bearer.substring(BEARER.length()).strip())
                    .or(() -> header("api-key")) // Azure
                    .or(() -> header("X-API-Key")) // Tinker
                    .or(() -> header("Cookie").flatMap(SessionCookie::in)); // browsers
        }

        private Optional<String> header(String name) {
            return Optional.ofNullable(request.getHeaders().get(name));
        }

        private Caller allowed(Caller caller, Operation wanted) {
            Caller.Role needed = switch (wanted.access()) {
                case PUBLIC, READ -> Caller.Role.READ;
                case WRITE -> Caller.Role.WRITE;
                case ADMIN -> Caller.Role.ADMIN;
            };
            if (caller.role().compareTo(needed) < 0) {
                throw new ApiError(
                        403,
                        "invalid_request_error",
                        null,
                        "insufficient_permissions",
                        "Your key has the role " + caller.role() + "; " + wanted.id() + " needs " + wanted.access()
                                + ".");
            }
            return caller;
        }

        private void refuse(ApiError error) throws IOException {
            if (error.status() == 401
                    && request.getMethod().equals("GET")
                    && header("Accept").orElse("").contains("text/html")) {
                response.getHeaders().put("Location", "/sign-in");
                bytes(303, "text/plain", new byte[0]);
                return;
            }
            error.headers().forEach((name, value) -> response.getHeaders().put(name, value));
            readOn();
            write(new Reply.Json(error.status(), error.body()));
        }

        /** Reads what the client still sends, or some of it. */
        private void readOn() {
            if (request.getLength() == 0 || header("Expect").isPresent()) {
                return;
            }
            long end = System.nanoTime() + READ_NS;
            byte[] buffer = new byte[16 << 10];
            long read = 0;
            writing = true; // whoever sends nothing now is too slow
            try {
                InputStream rest = Content.Source.asInputStream(request);
                int some = 0;
                while (some >= 0 && read < READ_BYTES && System.nanoTime() < end) {
                    some = rest.read(buffer);
                    read += some;
                }
            } catch (IOException e) {
                failure = e; // it went away; the reply will show
            } finally {
                writing = false;
            }
        }

        private void write(Reply reply) throws IOException {
            switch (reply) {
                case Reply.Json json -> bytes(json.status(), JSON, Json.PLAIN.writeValueAsBytes(json.body()));
                case Reply.Bytes bytes -> bytes(bytes.status(), bytes.type(), bytes.body());
                case Reply.Headed headed -> {
                    headed.headers()
                            .forEach((name, value) -> response.getHeaders().put(name, value));
                    write(headed.reply());
                }
                case Reply.File file -> file(file);
                case Reply.Stream stream -> stream(stream);
            }
        }

        private void bytes(int status, String type, byte[] body) throws IOException {
            response.setStatus(status);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, type);
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
            send(true, ByteBuffer.wrap(body));
        }

        private void file(Reply.File file) throws IOException {
            try (var channel = java.nio.channels.FileChannel.open(file.path())) {
                response.setStatus(200);
                response.getHeaders().put(HttpHeader.CONTENT_TYPE, file.type());
                response.getHeaders().put(HttpHeader.CONTENT_LENGTH, channel.size());
                response.getHeaders().put("Content-Disposition", Disposition.attachment(file.name()));
                ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
                while (channel.read(buffer.clear()) >= 0) {
                    send(false, buffer.flip());
                }
                send(true, ByteBuffer.allocate(0));
            }
        }

        private void stream(Reply.Stream stream) throws IOException {
            response.setStatus(200);
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, stream.type());
            response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-cache");
            stream.writer().write(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    if (ending) {
                        throw new EofException("the server ends");
                    }
                    send(false, ByteBuffer.wrap(bytes, from, length));
                }
            });
            send(true, ByteBuffer.allocate(0));
        }

        private void send(boolean last, ByteBuffer bytes) throws IOException {
            writing = true;
            try {
                Content.Sink.write(response, last, bytes);
            } finally {
                writing = false;
            }
        }

        void log() {
            ObjectNode line = Json.PLAIN.createObjectNode();
            line.put("time", Instant.now().toString());
            line.put("request", id);
            line.put("method", request.getMethod());
            line.put("path", request.getHttpURI().getPath());
            line.put("operation", operation == null ? null : operation.id());
            line.put("status", response.getStatus());
            line.put("milliseconds", (System.nanoTime() - start) / 1_000_000.0);
            JettyCall made = call;
            line.put("received", made == null ? 0 : made.received());
            line.put("sent", Response.getContentBytesWritten(response));
            line.put("key", made == null ? null : made.caller().key());
            line.put("address", Request.getRemoteAddr(request));
            Throwable broken = failure;
            if (broken != null) {
                line.put("failure", Failure.text(broken));
            }
            log.write(line);
        }
    }
}
