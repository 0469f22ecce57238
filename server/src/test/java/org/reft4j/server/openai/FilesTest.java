package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.Form;
import org.reft4j.server.RunningServer;
import org.reft4j.server.RunningServer.Answer;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.Room;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.StoredFiles;

class FilesTest {
    private static final long MIB = 1 << 20;

    @TempDir
    private Path data = Path.of("");

    private static Answer upload(RunningServer server, String parts) {
        return server.send(Form.of(server.request("/v1/files"), parts).build());
    }

    private static String id(Answer answer) {
        assertEquals(200, answer.status(), answer.text());
        return answer.body().path("id").asText();
    }

    @Test
    void takesEveryFormOfUpload() {
        String file = Form.file("file", "rows.jsonl", "{\"a\":\"ä\"}\r\n\r\n");
        String purpose = Form.part("purpose", "fine-tune");
        String lifetime =
                Form.part("expires_after[anchor]", "created_at") + Form.part("expires_after[seconds]", "3600");
        try (RunningServer server = RunningServer.start(data)) {
            for (String parts : List.of(purpose + file, file + purpose, lifetime + file + purpose)) {
                Answer answer = upload(server, parts);
                String id = id(answer);
                assertEquals("rows.jsonl", answer.body().path("filename").asText());
                assertEquals(14, answer.body().path("bytes").asInt());
                assertEquals(
                        parts.startsWith(lifetime)
                                ? answer.body().path("created_at").asLong() + 3600
                                : 0,
                        answer.body().path("expires_at").asLong());
                assertEquals(
                        "{\"a\":\"ä\"}\r\n\r\n",
                        server.get("/v1/files/" + id + "/content").text());
            }
            Answer nameless = upload(server, purpose + Form.file("file", "", ""));
            assertEquals("upload", nameless.body().path("filename").asText());
            assertEquals(0, nameless.body().path("bytes").asInt());
            String typed = purpose.replace("\r\n\r\n", "\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
            assertEquals(200, upload(server, typed + file).status());
            HttpRequest plain =
                    Form.of(server.request("/v1/files"), purpose + file).build();
            HttpRequest chunked = server.request("/v1/files/")
                    .header(
                            "Content-Type",
                            plain.headers().firstValue("Content-Type").orElseThrow())
                    .POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(
                            (purpose + file + "--b0undary--\r\n").getBytes(java.nio.charset.StandardCharsets.UTF_8))))
                    .build();
            assertEquals(14, server.send(chunked).body().path("bytes").asInt());
        }
    }

    @Test
    void refusesBadFormsByField() throws IOException {
        String file = Form.file("file", "rows.jsonl", "{}");
        String purpose = Form.part("purpose", "fine-tune");
        try (RunningServer server = RunningServer.start(data)) {
            Map<String, String> faults = Map.of(
                    file,
                    "purpose",
                    purpose,
                    "file",
                    file + Form.part("purpose", "cheating"),
                    "purpose",
                    file + purpose + file,
                    "file",
                    file + purpose + Form.part("expires_after[anchor]", "now"),
                    "expires_after.anchor",
                    file + purpose + Form.part("expires_after[anchor]", "created_at"),
                    "expires_after.seconds",
                    file
                            + purpose
                            + Form.part("expires_after[anchor]", "created_at")
                            + Form.part("expires_after[seconds]", "10"),
                    "expires_after.seconds");
            faults.forEach((parts, field) -> {
                Answer answer = upload(server, parts);
                assertEquals(400, answer.status(), parts);
                assertEquals(field, answer.body().at("/error/param").asText(), answer.text());
            });
            Answer cut = server.send(server.request("/v1/files")
                    .header("Content-Type", "multipart/form-data; boundary=b0undary")
                    .POST(HttpRequest.BodyPublishers.ofString(purpose + file))
                    .build());
            assertEquals(400, cut.status(), cut.text());
            assertEquals(0, server.get("/v1/files").body().path("data").size());
            try (Stream<Path> left = Files.list(data.resolve("files"))) {
                assertEquals(0, left.count());
            }
        }
    }

    @Test
    void keepsNamesOfClientsOutOfPaths() {
        try (RunningServer server = RunningServer.start(data)) {
            String id = id(upload(
                    server, Form.part("purpose", "evals") + Form.file("file", "../../a\\b/..\\cd \\\"q.jsonl", "x")));
            Answer file = server.get("/v1/files/" + id);
            assertEquals("cd \"q.jsonl", file.body().path("filename").asText());
            assertEquals(
                    "attachment; filename=\"cd__q.jsonl\"; filename*=UTF-8''cd%20%22q.jsonl",
                    Objects.requireNonNull(server.get("/v1/files/" + id + "/content")
                                    .headers()
                                    .get("content-disposition"))
                            .getFirst());
            assertTrue(Files.exists(data.resolve("files").resolve(id)));
            for (String path :
                    List.of("..%2freft.db", "%2e%2e%2freft.db", "..%5creft.db", "%00", ".", "x%2f..%2f" + id)) {
                assertTrue(
                        List.of(400, 404)
                                .contains(server.get("/v1/files/" + path + "/content")
                                        .status()),
                        path);
                assertTrue(
                        List.of(400, 404)
                                .contains(server.delete("/v1/files/" + path).status()),
                        path);
            }
            assertTrue(Files.exists(data.resolve("reft.db")));
        }
    }

    @Test
    void givesPagesThatAreExact() {
        try (RunningServer server = RunningServer.start(data)) {
            List<String> made = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                String purpose = i % 2 == 0 ? "fine-tune" : "evals";
                made.add(id(upload(server, Form.part("purpose", purpose) + Form.file("file", i + ".jsonl", "{}"))));
            }
            List<String> newestFirst = walk(server, "limit=2");
            List<String> oldestFirst = walk(server, "limit=1&order=asc");
            assertEquals(oldestFirst.reversed(), newestFirst);
            assertEquals(
                    made.stream().sorted().toList(),
                    oldestFirst.stream().sorted().toList());
            assertEquals(3, walk(server, "limit=2&purpose=fine-tune").size());
            JsonNode last =
                    server.get("/v1/files?after=" + newestFirst.getLast()).body();
            assertEquals(0, last.path("data").size());
            assertFalse(last.path("has_more").asBoolean());
            assertEquals(
                    newestFirst.getFirst(),
                    server.get("/v1/files").body().path("first_id").asText());
            assertEquals(
                    newestFirst.getLast(),
                    server.get("/v1/files").body().path("last_id").asText());
            for (String query : List.of("limit=0", "limit=10001", "limit=x", "order=up", "limit=")) {
                assertEquals(400, server.get("/v1/files?" + query).status(), query);
            }
            assertEquals(404, server.get("/v1/files?after=file-none").status());
            assertTrue(server.delete("/v1/files/" + made.getFirst())
                    .body()
                    .path("deleted")
                    .asBoolean());
            assertEquals(404, server.get("/v1/files/" + made.getFirst()).status());
            assertEquals(404, server.delete("/v1/files/" + made.getFirst()).status());
            assertFalse(Files.exists(data.resolve("files").resolve(made.getFirst())));
        }
    }

    private static List<String> walk(RunningServer server, String query) {
        List<String> ids = new ArrayList<>();
        boolean more = true;
        while (more) {
            JsonNode page = server.get("/v1/files?" + query + (ids.isEmpty() ? "" : "&after=" + ids.getLast()))
                    .body();
            page.path("data").forEach(file -> ids.add(file.path("id").asText()));
            more = page.path("has_more").asBoolean();
        }
        return ids;
    }

    @Test
    void deletesWhatHasExpiredAndWhatCrashesLeft() throws IOException {
        try (Database database = Server.database(data, ServerSettings.DEFAULTS)) {
            StoredFiles files = new StoredFiles(database, data.resolve("files"), new Room(0, 0));
            StoredFile kept;
            try (var bytes = files.receive("p")) {
                bytes.write("abc".getBytes(StandardCharsets.UTF_8));
                kept = files.add("p", "kept", "fine-tune", null, bytes);
            }
            StoredFile gone;
            try (var bytes = files.receive("p")) {
                bytes.write('x');
                gone = files.add("p", "gone", "fine-tune", -1L, bytes);
            }
            assertTrue(files.find("p", gone.id()).isEmpty());
            FileTime old = FileTime.from(Instant.now().minusSeconds(7200));
            Path orphan = Files.writeString(data.resolve("files/file-orphan"), "x");
            Path half = Files.writeString(data.resolve("files/.incoming.1.tmp"), "x");
            Path young = Files.writeString(data.resolve("files/.incoming.2.tmp"), "x");
            Files.setLastModifiedTime(orphan, old);
            Files.setLastModifiedTime(half, old);
            Files.setLastModifiedTime(files.path(kept), old);
            files.sweep();
            assertTrue(Files.exists(files.path(kept)) && Files.exists(young));
            assertFalse(Files.exists(files.path(gone)) || Files.exists(orphan) || Files.exists(half));
            assertEquals(3, files.used("p"));
            files.rewrite(kept.id(), Files.writeString(data.resolve("b"), "abcdef"));
            assertEquals(6, files.find("p", kept.id()).orElseThrow().bytes());
        }
    }

    @Test
    void refusesFilesBeforeThereIsNoRoom() {
        ServerSettings.Limits quota = new ServerSettings.Limits(64, 1, 1.5 / 1024, 0, 0, 100, 1000, 30);
        try (RunningServer server = RunningServer.start(data, RunningServer.settings("127.0.0.1", Map.of(), quota))) {
            String mib = Form.part("purpose", "evals") + Form.file("file", "a", "x".repeat((int) MIB));
            assertEquals(200, upload(server, mib).status());
            Answer full = upload(server, mib);
            assertEquals(413, full.status());
            assertEquals("storage_full", full.body().at("/error/code").asText());
        }
        ServerSettings.Limits small = new ServerSettings.Limits(64, 1, 0, 0, 0, 100, 1000, 30);
        try (RunningServer server = RunningServer.start(data, RunningServer.settings("127.0.0.1", Map.of(), small))) {
            Answer large =
                    upload(server, Form.part("purpose", "evals") + Form.file("file", "a", "x".repeat((int) MIB + 1)));
            assertEquals("file_too_large", large.body().at("/error/code").asText());
        }
        ServerSettings.Limits disk = new ServerSettings.Limits(64, 1, 0, 1e9, 0, 100, 1000, 30);
        try (RunningServer server = RunningServer.start(data, RunningServer.settings("127.0.0.1", Map.of(), disk))) {
            Answer full = upload(server, Form.part("purpose", "evals") + Form.file("file", "a", "x"));
            assertEquals(413, full.status());
            assertTrue(full.text().contains("disk is nearly full"), full.text());
        }
    }

    @Test
    void takesFilesInParts() throws Exception {
        try (RunningServer server = RunningServer.start(data)) {
            String path = "/v1/uploads/" + id(server.post("/v1/uploads", announced(6)));
            String one = id(server.send(Form.of(server.request(path + "/parts"), Form.file("data", "upload", "abc"))
                    .build()));
            String two = id(server.send(Form.of(server.request(path + "/parts"), Form.file("data", "", "def"))
                    .build()));
            String md5 = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(new byte[] {'d', 'e', 'f', 'a', 'b', 'c'}));
            String ids = "{\"part_ids\":[\"" + two + "\",\"" + one + "\"]";
            assertEquals("part_ids", param(server.post(path + "/complete", "{}")));
            assertEquals("part_ids", param(server.post(path + "/complete", "{\"part_ids\":[\"part_x\"]}")));
            assertEquals("part_ids", param(server.post(path + "/complete", "{\"part_ids\":[\"" + one + "\"]}")));
            assertEquals("md5", param(server.post(path + "/complete", ids + ",\"md5\":\"00\"}")));
            Answer done = server.post(path + "/complete", ids + ",\"md5\":\"" + md5 + "\"}");
            assertEquals("completed", done.body().path("status").asText(), done.text());
            String file = done.body().at("/file/id").asText();
            assertEquals("defabc", server.get("/v1/files/" + file + "/content").text());
            assertEquals(400, server.post(path + "/complete", ids + "}").status());
            assertEquals(400, server.post(path + "/cancel", "").status());
            assertFalse(Files.exists(data.resolve("uploads").resolve(path.substring(path.lastIndexOf('/') + 1))));
            String other = "/v1/uploads/" + id(server.post("/v1/uploads", announced(1)));
            assertEquals(
                    "cancelled",
                    server.post(other + "/cancel", "").body().path("status").asText());
            assertEquals(
                    400,
                    server.send(Form.of(server.request(other + "/parts"), Form.file("data", "", "x"))
                                    .build())
                            .status());
            assertEquals("bytes", param(server.post("/v1/uploads", announced(0))));
            assertEquals(404, server.post("/v1/uploads/upload_x/cancel", "").status());
        }
    }

    private static String announced(int bytes) {
        return "{\"filename\":\"a.jsonl\",\"purpose\":\"fine-tune\",\"mime_type\":\"text/jsonl\",\"bytes\":" + bytes
                + "}";
    }

    private static String param(Answer answer) {
        assertEquals(400, answer.status());
        return answer.body().at("/error/param").asText();
    }

    @Test
    void takesLargeFilesInLittleMemory() {
        long bytes = 300 * MIB;
        try (RunningServer server = RunningServer.start(data)) {
            String head = Form.part("purpose", "evals") + Form.file("file", "large", "");
            String first = head.substring(0, head.length() - 2);
            HttpRequest request = server.request("/v1/files")
                    .header("Content-Type", "multipart/form-data; boundary=b0undary")
                    .POST(HttpRequest.BodyPublishers.concat(
                            HttpRequest.BodyPublishers.ofString(first),
                            HttpRequest.BodyPublishers.ofInputStream(() -> zeros(bytes)),
                            HttpRequest.BodyPublishers.ofString("\r\n--b0undary--\r\n")))
                    .build();
            long before = held();
            CompletableFuture<RunningServer.Answer> sending = CompletableFuture.supplyAsync(() -> server.send(request));
            long most = before;
            while (!sending.isDone()) {
                most = Math.max(most, held());
            }
            assertEquals(bytes, sending.join().body().path("bytes").asLong());
            assertTrue(most - before < bytes / 6, "the heap grew by " + (most - before) / MIB + " MiB");
        }
    }

    /** Bytes of the heap that are no garbage. */
    private static long held() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static InputStream zeros(long bytes) {
        return new InputStream() {
            private long left = bytes;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] into, int from, int length) {
                if (left <= 0) {
                    return -1;
                }
                int count = (int) Math.min(left, length);
                left -= count;
                return count;
            }
        };
    }
}
