package org.reft4j.model.hub;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A hub with one model, {@code org/tiny}, on this machine, and the second host that it keeps large files on. Faults can be set. */
final class HubStub implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    static final String TOKEN = "hf_secret";

    final Map<String, byte[]> files = new TreeMap<>();
    /** Lines such as {@code "GET /path Range:bytes=5- Token"}. */
    final List<String> hubRequests = new CopyOnWriteArrayList<>();

    final List<String> storeRequests = new CopyOnWriteArrayList<>();
    /** Number of further connections that end after half of what is left. */
    final AtomicInteger drops = new AtomicInteger();

    /** Number of further answers that are 503. */
    final AtomicInteger busy = new AtomicInteger();

    boolean damaged;
    boolean needsToken;
    boolean ignoresRanges;
    boolean namesChecksums = true;

    private final HttpServer hub;
    private final HttpServer store;

    HubStub() throws IOException {
        hub = server(this::answer);
        store = server(this::give);
    }

    /** Handles a request; what it throws ends the connection. */
    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    private static HttpServer server(Answer answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                answer.to(exchange);
            }
        });
        server.start();
        return server;
    }

    HubSettings settings(Path cache, boolean offline, Optional<String> token) {
        HubSettings read = HubSettings.of(
                Map.of("HF_ENDPOINT", "http://127.0.0.1:" + hub.getAddress().getPort() + "/"), cache);
        return new HubSettings(cache, read.endpoint(), token, offline, Duration.ofMillis(1));
    }

    /** The contents of a file that is there. */
    byte[] file(String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    private static void note(List<String> requests, HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        boolean token = ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        requests.add(
                exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath()
                        + (range == null ? "" : " Range:" + range) + (token ? " Token" : ""));
    }

    private void answer(HttpExchange exchange) throws IOException {
        note(hubRequests, exchange);
        boolean token = ("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        String path = exchange.getRequestURI().getPath();
        String folder = "/org/tiny/resolve/" + COMMIT + "/";
        if (busy.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            exchange.sendResponseHeaders(503, -1);
        } else if (needsToken && !token) {
            exchange.getResponseHeaders().set("X-Error-Code", "GatedRepo");
            exchange.sendResponseHeaders(401, -1);
        } else if (path.equals("/api/models/org/tiny/revision/main")
                || path.equals("/api/models/org/tiny/revision/" + COMMIT)) {
            String names = files.keySet().stream()
                    .map(file -> "{\"rfilename\": \"" + file + "\"}")
                    .collect(Collectors.joining(", "));
            send(exchange, ("{\"sha\": \"" + COMMIT + "\", \"siblings\": [" + names + "]}").getBytes(UTF_8));
        } else if (path.startsWith("/api/models/org/tiny/")) {
            exchange.getResponseHeaders().set("X-Error-Code", "RevisionNotFound");
            exchange.sendResponseHeaders(404, -1);
        } else if (path.startsWith(folder) && files.containsKey(path.substring(folder.length()))) {
            describe(exchange, path.substring(folder.length()));
        } else {
            exchange.sendResponseHeaders(404, -1);
        }
    }

    private void describe(HttpExchange exchange, String name) throws IOException {
        byte[] content = file(name);
        boolean large = name.endsWith(".safetensors") || name.endsWith(".gguf");
        if (large) {
            if (namesChecksums) {
                exchange.getResponseHeaders().set("X-Linked-Etag", "\"" + sha256(content) + "\"");
            }
            exchange.getResponseHeaders().set("X-Linked-Size", Integer.toString(content.length));
            // Another host by its name and its port.
            exchange.getResponseHeaders()
                    .set("Location", "http://localhost:" + store.getAddress().getPort() + "/" + name + "?signed=1");
            exchange.sendResponseHeaders(302, -1);
            return;
        }
        exchange.getResponseHeaders().set("ETag", "\"" + gitSha1(content) + "\"");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(content.length));
            exchange.sendResponseHeaders(200, -1);
        } else {
            send(exchange, content);
        }
    }

    private void give(HttpExchange exchange) throws IOException {
        note(storeRequests, exchange);
        byte[] content = file(exchange.getRequestURI().getPath().substring(1)).clone();
        if (damaged) {
            content[content.length - 1] ^= 1;
        }
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null || ignoresRanges ? 0 : Integer.parseInt(range.replaceAll("[^0-9]", ""));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        int length = content.length - from;
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, length);
        boolean drop = drops.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        OutputStream body = exchange.getResponseBody();
        body.write(content, from, drop ? length / 2 : length);
        body.flush();
        if (drop) {
            // Closing the exchange with bytes owing closes the connection.
            throw new IOException("dropped");
        }
    }

    private static void send(HttpExchange exchange, byte[] content) throws IOException {
        exchange.sendResponseHeaders(200, content.length == 0 ? -1 : content.length);
        exchange.getResponseBody().write(content);
    }

    static String sha256(byte[] content) {
        return HexFormat.of().formatHex(digest("SHA-256").digest(content));
    }

    /** As {@code git hash-object} names contents. */
    static String gitSha1(byte[] content) {
        MessageDigest digest = digest("SHA-1");
        digest.update(("blob " + content.length + "\0").getBytes(UTF_8));
        return HexFormat.of().formatHex(digest.digest(content));
    }

    private static MessageDigest digest(String name) {
        try {
            return MessageDigest.getInstance(name);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        hub.stop(0);
        store.stop(0);
    }
}
