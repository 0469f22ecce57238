package org.reft4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.access.Keys;
import org.reft4j.server.http.Caller;
import org.reft4j.server.http.RequestLog;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.StoreException;
import org.reft4j.train.ConfigException;

class ServerTest {
    @TempDir
    private Path data = Path.of("");

    @Test
    void tellsOfItsHealth() {
        try (RunningServer server = RunningServer.start(data)) {
            assertEquals("ok", server.get("/healthz").body().path("status").asText());
            assertEquals("ready", server.get("/readyz").body().path("status").asText());
            assertTrue(server.get("/metrics")
                    .text()
                    .contains("reft_http_requests_total{operation=\"getHealth\",status=\"200\"} 1.0"));
        }
    }

    @Test
    void refusesInTheWordsOfTheErrorObject() {
        try (RunningServer server = RunningServer.start(data)) {
            RunningServer.Answer unknown = server.get("/v1/nothing");
            assertEquals(404, unknown.status());
            assertEquals("unknown_url", unknown.body().at("/error/code").asText());
            RunningServer.Answer method = server.send(server.request("/v1/files")
                    .method("PATCH", HttpRequest.BodyPublishers.noBody())
                    .build());
            assertEquals(405, method.status());
            assertEquals(List.of("GET, POST"), method.headers().get("allow"));
            RunningServer.Answer json = server.post("/v1/uploads", "{\n \"a\": }");
            assertEquals(400, json.status());
            assertTrue(json.text().contains("line 2, column 7"), json.text());
            assertEquals(400, server.post("/v1/uploads", "[]").status());
            assertEquals(415, server.post("/v1/files", "{}").status());
        }
    }

    @Test
    void refusesInTheSameWordsWhatJettyCannotRead() throws IOException {
        try (RunningServer server = RunningServer.start(data)) {
            assertRefused(server, 400, "GARBAGE\r\n\r\n");
            assertRefused(server, 400, "GET /v1/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertRefused(server, 400, "GET /v1/files/%2e%2e/%2e%2e/reft.db HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertRefused(server, 400, "GET / HTTP/1.1\r\n\r\n");
            assertRefused(server, 431, "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(20_000) + "\r\n\r\n");
            assertRefused(server, 414, "GET /" + "a".repeat(20_000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertRefused(server, 505, "GET / HTTP/7.1\r\nHost: localhost\r\n\r\n");
            assertRefused(
                    server, 413, "POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n");
            assertRefused(server, 404, "GET /v1/files/..%2f..%2freft.db HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
    }

    private static void assertRefused(RunningServer server, int status, String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), server.address().getPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(
                    answer.startsWith("HTTP/1.1 " + status + " "),
                    request.lines().findFirst() + " -> " + answer);
            assertTrue(answer.contains("{\"error\":{\"message\":\""), answer);
            assertTrue(answer.toLowerCase(java.util.Locale.ROOT).contains("content-type: application/json"), answer);
            assertTrue(answer.toLowerCase(java.util.Locale.ROOT).contains("x-request-id: req_"), answer);
        }
    }

    @Test
    void keepsSlashesInNamesOfModels() {
        ServerSettings settings =
                RunningServer.settings("127.0.0.1", Map.of("Qwen/Qwen3 x", "folder"), ServerSettings.Limits.DEFAULTS);
        try (RunningServer server = RunningServer.start(data, settings)) {
            assertEquals(
                    "Qwen/Qwen3 x",
                    server.get("/v1/models/Qwen%2FQwen3%20x").body().path("id").asText());
            assertEquals(
                    "Qwen/Qwen3 x",
                    server.get("/v1/models").body().at("/data/0/id").asText());
            RunningServer.Answer missing = server.get("/v1/models/ft:a:b::c");
            assertEquals(404, missing.status());
            assertEquals("model_not_found", missing.body().at("/error/code").asText());
            assertTrue(missing.text().contains("Qwen/Qwen3 x"), missing.text());
            assertEquals(403, server.delete("/v1/models/Qwen%2FQwen3%20x").status());
            assertEquals(404, server.delete("/v1/models/none").status());
        }
    }

    @Test
    void speaksAzuresDialect() {
        try (RunningServer server = RunningServer.start(data)) {
            assertEquals(200, server.get("/openai/v1/models").status());
            assertEquals(
                    200,
                    server.send(server.request("/openai/files?api-version=2025-04-01-preview")
                                    .header("api-key", "any")
                                    .build())
                            .status());
        }
    }

    @Test
    @Timeout(60)
    void logsWithoutSecrets() throws InterruptedException {
        try (RunningServer server = RunningServer.start(data)) {
            RunningServer.Answer answer = server.send(server.request("/v1/files?after=private")
                    .header("Authorization", "Bearer sk-secret")
                    .build());
            String line = server.logged(answer).toString();
            assertTrue(line.contains("\"operation\":\"listFiles\""), line);
            assertFalse(line.contains("secret") || line.contains("private"), line);
        }
    }

    @Test
    void tellsCallersApart() {
        try (RunningServer server = RunningServer.start(data)) {
            String one;
            String other;
            String reader;
            String revoked;
            try (Database database = Server.database(data, ServerSettings.DEFAULTS)) {
                Keys keys = new Keys(database);
                one = keys.create("one", "a", Caller.Role.WRITE, Keys.Style.REFT)
                        .secret();
                other = keys.create("other", "b", Caller.Role.WRITE, Keys.Style.TINKER)
                        .secret();
                reader = keys.create("one", "c", Caller.Role.READ, Keys.Style.REFT)
                        .secret();
                Keys.Created gone = keys.create("one", "d", Caller.Role.WRITE, Keys.Style.REFT);
                revoked = gone.secret();
                assertTrue(keys.revoke(gone.key().id()));
                assertFalse(keys.revoke(gone.key().id()));
                assertEquals(Optional.empty(), leaked(keys, one, revoked));
            }
            assertEquals(401, server.get("/v1/files").status());
            assertEquals(
                    "invalid_api_key",
                    server.get("/v1/files").body().at("/error/code").asText());
            assertEquals(401, as(server, "Authorization", "Bearer " + revoked, "/v1/files"));
            assertEquals(401, as(server, "Authorization", "Bearer nonsense", "/v1/files"));
            assertEquals(200, as(server, "api-key", one, "/v1/files"));
            assertEquals(200, as(server, "X-API-Key", other, "/v1/files"));
            assertTrue(other.startsWith("tml-"));
            String id = server.send(Form.of(server.request("/v1/files"), "mine.jsonl", "{}")
                            .header("Authorization", "Bearer " + one)
                            .build())
                    .body()
                    .path("id")
                    .asText();
            assertEquals(200, as(server, "Authorization", "Bearer " + reader, "/v1/files/" + id));
            assertEquals(404, as(server, "Authorization", "Bearer " + other, "/v1/files/" + id));
            assertEquals(404, as(server, "Authorization", "Bearer " + other, "/v1/files/" + id + "/content"));
            assertEquals(
                    403,
                    server.send(server.request("/v1/files/" + id)
                                    .header("Authorization", "Bearer " + reader)
                                    .DELETE()
                                    .build())
                            .status());
            assertEquals(
                    404,
                    server.send(server.request("/v1/files/" + id)
                                    .header("Authorization", "Bearer " + other)
                                    .DELETE()
                                    .build())
                            .status());
            assertEquals(200, server.get("/healthz").status());
            assertEquals(401, server.get("/metrics").status());
        }
    }

    /** A secret that the table of keys holds. */
    private static Optional<String> leaked(Keys keys, String... secrets) {
        return keys.list().stream()
                .map(Object::toString)
                .filter(row -> List.of(secrets).stream().anyMatch(row::contains))
                .findFirst();
    }

    private static int as(RunningServer server, String header, String key, String path) {
        return server.send(server.request(path).header(header, key).build()).status();
    }

    @Test
    void needsKeysForOtherAddresses() {
        ServerSettings settings = RunningServer.settings("0.0.0.0", Map.of(), ServerSettings.Limits.DEFAULTS);
        ServerException refused = assertThrows(ServerException.class, () -> RunningServer.start(data, settings));
        assertTrue(String.valueOf(refused.getMessage()).contains("reft keys create"), refused.getMessage());
        try (Database database = Server.database(data, settings)) {
            new Keys(database).create("default", "a", Caller.Role.ADMIN, Keys.Style.REFT);
        }
        try (Server server = Server.start(data, settings, RequestLog.NONE)) {
            server.awaitReady();
        }
    }

    @Test
    void keepsPagesOfOthersOut() throws IOException {
        try (RunningServer server = RunningServer.start(data)) {
            assertRefused(server, 403, "GET /v1/files HTTP/1.1\r\nHost: evil.example\r\n\r\n");
            String host = "Host: 127.0.0.1:" + server.address().getPort() + "\r\n";
            assertRefused(server, 403, "POST /v1/uploads HTTP/1.1\r\n" + host + "Origin: http://evil.example\r\n\r\n");
            assertRefused(
                    server,
                    400,
                    "POST /v1/uploads HTTP/1.1\r\n" + host + "Origin: http://127.0.0.1:"
                            + server.address().getPort() + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    }

    @Test
    void holdsBackWhoAsksTooOften() {
        ServerSettings.Limits limits = new ServerSettings.Limits(1, 1, 0, 0, 2, 100, 1000, 30);
        try (RunningServer server = RunningServer.start(data, RunningServer.settings("127.0.0.1", Map.of(), limits))) {
            int refused = 0;
            for (int i = 0; i < 12; i++) {
                RunningServer.Answer answer = server.get("/v1/files");
                if (answer.status() == 429) {
                    refused++;
                    assertTrue(answer.headers().containsKey("retry-after"));
                }
            }
            assertTrue(refused >= 4, "refused " + refused);
            RunningServer.Answer large = server.post("/v1/uploads", "{\"a\": \"" + "x".repeat(1 << 20) + "\"}");
            assertTrue(large.status() == 413 || large.status() == 429, large.text());
        }
    }

    @Test
    void saysThatThePortIsTaken() throws IOException {
        try (RunningServer server = RunningServer.start(data.resolve("one"))) {
            int port = server.address().getPort();
            ServerException taken = assertThrows(
                    ServerException.class,
                    () -> Server.start(data.resolve("two"), ServerSettings.DEFAULTS.withPort(port), RequestLog.NONE));
            assertTrue(String.valueOf(taken.getMessage()).contains("port " + port), taken.getMessage());
        }
        Path file = Files.writeString(data.resolve("file"), "");
        ServerException folder = assertThrows(
                ServerException.class, () -> Server.start(file, ServerSettings.DEFAULTS.withPort(0), RequestLog.NONE));
        assertTrue(String.valueOf(folder.getMessage()).contains("is a file"), folder.getMessage());
    }

    @Test
    void refusesTheFolderOfANewerVersion() throws Exception {
        Server.database(data, ServerSettings.DEFAULTS).close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("reft.db"))) {
            connection
                    .createStatement()
                    .execute("INSERT INTO flyway_schema_history SELECT 900, '900', 'later', type, 'V900__later.sql',"
                            + " 1, installed_by, installed_on, 1, 1 FROM flyway_schema_history LIMIT 1");
        }
        StoreException refused =
                assertThrows(StoreException.class, () -> Server.database(data, ServerSettings.DEFAULTS));
        assertTrue(String.valueOf(refused.getMessage()).contains("another version of reft"), refused.getMessage());
    }

    @Test
    void readsItsSettingsStrictly() throws IOException {
        Files.writeString(data.resolve("server.yaml"), "port: 1234\nmodels:\n  a/b: folder\nlimits:\n  file-mib: 7\n");
        ServerSettings read = ServerSettings.of(data);
        assertEquals(1234, read.port());
        assertEquals(Map.of("a/b", "folder"), read.models());
        assertEquals(7, read.limits().fileMib());
        assertEquals(64, read.limits().bodyMib());
        assertEquals("server.yaml:2: unknown key prot; did you mean port?", fault("host: 127.0.0.1\nprot: 1\n"));
        assertEquals("server.yaml:1: port is 70000; expected a number from 0 to 65535", fault("port: 70000\n"));
        assertEquals(
                "server.yaml:2: limits.file-mib is 0; expected a number from 1", fault("limits:\n  file-mib: 0\n"));
    }

    private String fault(String yaml) throws IOException {
        Path file = Files.writeString(data.resolve("server.yaml"), yaml);
        String message = String.valueOf(assertThrows(ConfigException.class, () -> ServerSettings.read(file))
                .getMessage());
        return message.replace(data + java.io.File.separator, "");
    }
}
