package org.reft4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;
import org.reft4j.server.access.Keys;
import org.reft4j.server.access.Sessions;
import org.reft4j.server.http.Caller;
import org.reft4j.server.store.Database;

/** Limits and times that an operator sets. */
class OperationTest {
    private static final double MIB_IN_GIB = 1.0 / 1024;

    @TempDir
    private Path folder = Path.of("");

    private Path data() {
        return folder.resolve("data");
    }

    private static ServerSettings.Limits limits(double filesGib, double freeGib, int waiting) {
        return new ServerSettings.Limits(64, 4, filesGib, freeGib, 0, 100, waiting, 30);
    }

    @Test
    void aTextWithANulIsTheClientsFault() {
        try (RunningServer server = RunningServer.start(data())) {
            RunningServer.Answer value = server.post(
                    "/v1/uploads",
                    "{\"filename\": \"a\\u0000b\", \"purpose\": \"fine-tune\", \"bytes\": 1, \"mime_type\": \"x\"}");
            assertEquals(400, value.status(), value.text());
            assertEquals("filename", value.body().at("/error/param").asText());
            assertEquals(
                    400,
                    server.post("/v1/uploads", "{\"deep\": [{\"a\\u0000\": 1}]}")
                            .status());
            assertEquals(
                    "metadata.k",
                    server.post("/v1/fine_tuning/jobs", "{\"metadata\": {\"k\": [\"\\u0000\"]}}")
                            .body()
                            .at("/error/param")
                            .asText());
            assertEquals(
                    400,
                    server.send(Form.of(server.request("/v1/files"), "a\0b.jsonl", "{}\n")
                                    .build())
                            .status());
            assertEquals(
                    400,
                    server.send(Form.of(
                                            server.request("/v1/files"),
                                            Form.part("purpose", "fine\0tune") + Form.file("file", "a", "{}\n"))
                                    .build())
                            .status());
            // What a model wrote may be any character, and is not kept.
            assertEquals(
                    200,
                    server.post(
                                    "/v1/fine_tuning/alpha/graders/run",
                                    "{\"grader\": {\"type\": \"string_check\", \"name\": \"a\", \"operation\": \"eq\", \"input\": \"{{sample.output_text}}\", \"reference\": \"b\"}, \"model_sample\": \"\\u0000\"}")
                            .status());
            // Bytes of a file are the client's own business.
            assertEquals(
                    200,
                    server.send(Form.of(server.request("/v1/files"), "a.jsonl", "{}\0\n")
                                    .build())
                            .status());
        }
    }

    @Test
    void sessionsOutliveTheServer() throws IOException {
        Files.createDirectories(data());
        String session;
        String id;
        try (Database database = Server.database(data(), ServerSettings.DEFAULTS)) {
            Keys keys = new Keys(database);
            Keys.Created made = keys.create("demo", "any", Caller.Role.READ, Keys.Style.REFT);
            id = made.key().id();
            session = new Sessions(keys, database).open(made.secret());
            assertFalse(session.contains(made.secret()));
        }
        String cookie = "reft-session=" + session;
        byte[] stored = Files.readAllBytes(data().resolve("reft.db"));
        assertFalse(new String(stored, StandardCharsets.ISO_8859_1).contains(session), "only its digest is kept");
        try (RunningServer server = RunningServer.start(data())) {
            assertEquals(401, server.get("/v1/files").status());
            assertEquals(
                    200,
                    server.send(server.request("/v1/files")
                                    .header("Cookie", cookie)
                                    .build())
                            .status());
            try (Database database = Server.database(data(), ServerSettings.DEFAULTS)) {
                assertTrue(new Keys(database).revoke(id));
            }
            assertEquals(
                    401,
                    server.send(server.request("/v1/files")
                                    .header("Cookie", cookie)
                                    .build())
                            .status());
        }
    }

    @Test
    void anUploadThatIsAnnouncedCounts() {
        ServerSettings settings = ServerSettings.DEFAULTS.withLimits(limits(3 * MIB_IN_GIB, 0, 10));
        try (RunningServer server = RunningServer.start(data(), settings)) {
            String upload = announced(server, 2 << 20, 200);
            announced(server, 2 << 20, 413);
            assertEquals(
                    413,
                    server.send(Form.of(server.request("/v1/files"), "a.jsonl", "x".repeat(3 << 19))
                                    .build())
                            .status());
            String part = server.send(Form.of(
                                    server.request("/v1/uploads/" + upload + "/parts"),
                                    Form.file("data", "part", "y".repeat(2 << 20)))
                            .build())
                    .body()
                    .path("id")
                    .asText();
            RunningServer.Answer whole =
                    server.post("/v1/uploads/" + upload + "/complete", "{\"part_ids\": [\"" + part + "\"]}");
            assertEquals(200, whole.status(), "it does not count twice: " + whole.text());
            announced(server, 1 << 20, 200);
        }
    }

    private static String announced(RunningServer server, int bytes, int status) {
        RunningServer.Answer answer = server.post(
                "/v1/uploads",
                "{\"filename\": \"a\", \"purpose\": \"fine-tune\", \"bytes\": " + bytes + ", \"mime_type\": \"x\"}");
        assertEquals(status, answer.status(), answer.text());
        return answer.body().path("id").asText();
    }

    @Test
    void onlySoManyWaitForTheModels() {
        ServerSettings settings = ServerSettings.DEFAULTS
                .withModels(
                        Map.of("tiny", TinyModel.make(folder.resolve("tiny")).toString()))
                .withLimits(limits(0, 0, 2));
        try (RunningServer server = RunningServer.start(data(), settings)) {
            String one =
                    "{\"model\": \"tiny\", \"n\": 1, \"max_tokens\": 2, \"messages\": [{\"role\": \"user\", \"content\": \"1\"}]}";
            assertEquals(200, server.post("/v1/chat/completions", one).status());
            RunningServer.Answer many = server.post(
                    "/v1/completions", "{\"model\": \"tiny\", \"max_tokens\": 2, \"prompt\": [\"a\", \"b\", \"c\"]}");
            assertEquals(429, many.status(), many.text());
            assertEquals("too_many_waiting", many.body().at("/error/code").asText());
            assertEquals(List.of("2"), many.headers().get("retry-after"));
        }
    }

    @Test
    void linesOfTheLogGoAfterTheirTime() throws IOException {
        Path logs = data().resolve("logs");
        Files.createDirectories(logs);
        Path file = logs.resolve("requests.jsonl");
        Files.writeString(file, "{\"time\":\"" + Instant.now().minus(Duration.ofDays(3)) + "\",\"request\":\"old\"}\n");
        try (RequestLogFile log = RequestLogFile.in(logs)) {
            log.sweep(Duration.ZERO);
            log.sweep(Duration.ofDays(4));
            assertTrue(Files.readString(file).contains("old"));
            log.sweep(Duration.ofDays(2));
            assertEquals("", Files.readString(file));
            log.write(Json.PLAIN.createObjectNode().put("request", "new"));
            Path old = logs.resolve("requests.1.jsonl");
            assertTrue(Files.readString(old).contains("old"));
            Files.setLastModifiedTime(
                    old, java.nio.file.attribute.FileTime.from(Instant.now().minus(Duration.ofDays(3))));
            log.sweep(Duration.ofDays(2));
            assertFalse(Files.exists(old));
            assertTrue(Files.readString(file).contains("new"));
        }
    }

    @Test
    void jobsWaitForMemoryInTheirOrderAndOldOnesAreForgotten() throws IOException {
        ServerSettings settings = ServerSettings.DEFAULTS
                .withModels(
                        Map.of("tiny", TinyModel.make(folder.resolve("tiny")).toString()))
                .withJobs(new ServerSettings.Training(2, 1, 10, 3, List.of("-Xmx512m")))
                .withKeep(new ServerSettings.Keep(7, 7, 0));
        try (RunningServer server = RunningServer.start(data(), settings)) {
            JobClient jobs = new JobClient(server, data());
            String file = jobs.upload("sft.jsonl", JobClient.conversations(12, 0));
            String body = "{\"model\": \"tiny\", \"training_file\": \"" + file
                    + "\", \"reft4j\": {\"evaluate.max-total-tokens\": 60, \"epochs\": 2%s}}";
            String first = jobs.create(body.formatted(""));
            String second = jobs.create(body.formatted(""));
            JsonNode one = weighed(jobs, first, second);
            Path run = data().resolve("jobs/" + first + "/run");
            server.jobs().sweep();
            assertTrue(Files.exists(run), "it ended just now");
            try (Database database = Server.database(data(), settings)) {
                database.jdbi()
                        .useHandle(handle -> handle.execute(
                                "UPDATE jobs SET finished_ms = ? WHERE id = ?",
                                Instant.now().minus(Duration.ofDays(8)).toEpochMilli(),
                                first));
            }
            String _ = jobs.create("{\"model\": \""
                    + one.path("fine_tuned_model").asText() + ":ckpt-step-3\", \"training_file\": \"" + file + "\"}");
            server.jobs().sweep();
            assertFalse(Files.exists(run));
            assertTrue(Files.exists(data().resolve("jobs/" + second + "/run")));
            assertEquals(
                    200,
                    server.get("/v1/models/" + one.path("fine_tuned_model").asText())
                            .status());
            JsonNode left = server.get("/v1/fine_tuning/jobs/" + first + "/checkpoints")
                    .body()
                    .path("data");
            assertEquals(List.of(3), JobClient.ints(left, "step_number"), "but for the one that a job begins from");
            assertTrue(
                    jobs.told(first).getLast().contains("keep.runs-days"),
                    () -> jobs.told(first).toString());
            assertEquals(200, server.get("/jobs/" + first).status());
        }
    }

    /** Waits for two jobs of which one has to wait for the other's memory; returns the first. */
    private static JsonNode weighed(JobClient jobs, String first, String second) {
        jobs.await(second, job -> jobs.told(second).stream().anyMatch(line -> line.startsWith("The job waits")));
        assertTrue(
                jobs.told(second).stream()
                        .anyMatch(
                                line -> line.matches(
                                        "The job waits for memory: it needs 0\\.\\d GiB, and 0\\.\\d GiB are free beside what runs")),
                () -> jobs.told(second).toString());
        JsonNode one = jobs.ended(first);
        JsonNode two = jobs.ended(second);
        assertEquals("succeeded", one.path("status").asText());
        assertEquals(
                "succeeded",
                two.path("status").asText(),
                () -> jobs.told(second).toString());
        assertEquals(
                1,
                jobs.told(second).stream()
                        .filter(line -> line.startsWith("The job waits"))
                        .count(),
                "told once");
        return one;
    }

    @Test
    void aJobThatCanNeverFitFailsAtOnce() {
        ServerSettings settings = ServerSettings.DEFAULTS
                .withModels(
                        Map.of("tiny", TinyModel.make(folder.resolve("tiny")).toString()))
                .withJobs(new ServerSettings.Training(1, 0.001, 10, 3, List.of()));
        try (RunningServer server = RunningServer.start(data(), settings)) {
            JobClient jobs = new JobClient(server, data());
            String file = jobs.upload("sft.jsonl", JobClient.conversations(12, 0));
            JsonNode never = jobs.ended(jobs.create("{\"model\": \"tiny\", \"training_file\": \"" + file + "\"}"));
            assertEquals("failed", never.path("status").asText());
            assertEquals("not_enough_memory", never.at("/error/code").asText());
            assertTrue(
                    never.at("/error/message").asText().startsWith("the run needs about 0.0 GiB of memory"),
                    never::toString);
        }
    }

    @Test
    void jobsWaitForTheDisk() {
        ServerSettings settings = ServerSettings.DEFAULTS.withModels(
                Map.of("tiny", TinyModel.make(folder.resolve("tiny")).toString()));
        String job;
        String file;
        try (RunningServer server =
                RunningServer.start(data(), settings.withJobs(new ServerSettings.Training(0, 0, 10, 3, List.of())))) {
            JobClient jobs = new JobClient(server, data());
            file = jobs.upload("sft.jsonl", JobClient.conversations(12, 0));
            job = jobs.create("{\"model\": \"tiny\", \"training_file\": \"" + file + "\"}");
            jobs.await(job, now -> now.path("status").asText().equals("queued"));
        }
        try (RunningServer server = RunningServer.start(data(), settings.withLimits(limits(0, 1e9, 10)))) {
            JobClient jobs = new JobClient(server, data());
            jobs.await(job, now -> jobs.told(job).stream().anyMatch(line -> line.contains("waits for the disk")));
            RunningServer.Answer saved = server.post("/api/v1/save_weights", "{\"model_id\": \"any\"}");
            assertEquals(413, saved.status(), saved.text());
            assertEquals("storage_full", saved.body().at("/error/code").asText());
        }
    }
}
