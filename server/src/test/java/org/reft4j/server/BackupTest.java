package org.reft4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.server.store.PostgresServer;

/** Copies of a data folder whose server works: a server that starts on one goes on as the first one would have. */
class BackupTest {
    private static final String VARIED =
            "{\"type\": \"python\", \"source\": \"def grade(sample, item):\\n    return sum(ord(c) for c in sample['output_text']) % 97 / 97\\n\"}";

    @TempDir
    private Path folder = Path.of("");

    private static ServerSettings settings(Path model) {
        return ServerSettings.DEFAULTS.withModels(Map.of("tiny", model.toString()));
    }

    @Test
    void aServerThatWorksIsCopiedAndTheCopyGoesOn() throws Exception {
        ServerSettings settings = settings(TinyModel.make(folder.resolve("tiny")));
        Path data = folder.resolve("first place");
        Path copy = folder.resolve("second place");
        String job;
        String file;
        String upload;
        String part;
        List<JsonNode> figures;
        try (RunningServer server = RunningServer.start(data, settings)) {
            JobClient jobs = new JobClient(server, data);
            job = jobs.create(jobs.reinforcement(VARIED, 4, ", \"checkpoint-every\": \"1s\""));
            file = jobs.upload("kept.jsonl", JobClient.conversations(12, 0));
            upload = server.post("/v1/uploads", """
                            {"filename": "parts.jsonl", "purpose": "fine-tune", "bytes": 8, "mime_type": "text/jsonl"}""").body().path("id").asText();
            part = part(server, upload, "half");
            jobs.await(
                    job,
                    now -> server.jobs().supervisor().workers().containsKey(job)
                            && jobs.metrics(job).size() >= 2);
            try (Bustle _ = new Bustle(jobs)) {
                Backup.Made made = Backup.make(data, settings, copy, _ -> {});
                assertEquals(List.of(), made.remarks());
            }
            assertEquals("succeeded", jobs.ended(job).path("status").asText());
            figures = jobs.metrics(job);
        }
        assertEquals(List.of(), Backup.faults(copy));
        // Nothing of the copy may need what was copied.
        DurableFiles.deleteTree(data);
        try (RunningServer server = RunningServer.start(copy, settings)) {
            JobClient jobs = new JobClient(server, copy);
            assertFilesWhole(server);
            assertEquals(
                    JobClient.conversations(12, 0),
                    server.get("/v1/files/" + file + "/content").text());
            String rest = part(server, upload, "rest");
            RunningServer.Answer whole = server.post(
                    "/v1/uploads/" + upload + "/complete", "{\"part_ids\": [\"" + part + "\", \"" + rest + "\"]}");
            assertEquals(200, whole.status(), whole.text());
            JsonNode end = jobs.ended(job);
            assertEquals(
                    "succeeded",
                    end.path("status").asText(),
                    () -> jobs.told(job).toString());
            assertEquals(
                    figures.stream().map(JobClient::timeless).toList(),
                    jobs.metrics(job).stream().map(JobClient::timeless).toList(),
                    "the steps are those of the first server");
        }
    }

    private static void assertFilesWhole(RunningServer server) {
        JsonNode files = server.get("/v1/files?limit=10000").body().path("data");
        assertTrue(files.size() >= 3, files::toString);
        for (JsonNode each : files) {
            RunningServer.Answer content =
                    server.get("/v1/files/" + each.path("id").asText() + "/content");
            assertEquals(200, content.status(), each::toString);
            assertEquals(each.path("bytes").asInt(), content.text().length(), each::toString);
        }
    }

    private static String part(RunningServer server, String upload, String text) {
        RunningServer.Answer answer =
                server.send(Form.of(server.request("/v1/uploads/" + upload + "/parts"), Form.file("data", "part", text))
                        .build());
        assertEquals(200, answer.status(), answer.text());
        return answer.body().path("id").asText();
    }

    /** Somebody who uploads and deletes as fast as it goes. */
    private static final class Bustle implements AutoCloseable {
        private final AtomicBoolean over = new AtomicBoolean();
        private final Thread thread;

        Bustle(JobClient jobs) {
            thread = Thread.ofPlatform().start(() -> {
                for (int i = 0; !over.get(); i++) {
                    String id = jobs.upload("bustle.jsonl", JobClient.conversations(10 + i % 90, i));
                    if (i % 3 != 0) {
                        assertEquals(
                                200, jobs.server().delete("/v1/files/" + id).status());
                    }
                }
            });
        }

        @Override
        public void close() {
            over.set(true);
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Test
    void aCopyIsWholeOrNotThere() throws IOException {
        Path data = folder.resolve("data");
        ServerSettings settings = ServerSettings.DEFAULTS;
        assertRefused("is not there", data, folder.resolve("copy"));
        Files.createDirectories(data);
        assertRefused("has no reft.db", data, folder.resolve("copy"));
        try (RunningServer server = RunningServer.start(data)) {
            String id = new JobClient(server, data).upload("a.jsonl", "{}\n");
            assertRefused("lie in one another", data, data.resolve("copy"));
            Files.createDirectories(folder.resolve("full/of"));
            assertRefused("is there already", data, folder.resolve("full"));
            Path copy = folder.resolve("copy");
            Backup.Made made = Backup.make(data, settings, copy, _ -> {});
            assertTrue(made.files() >= 2, made::toString);
            assertEquals(List.of(), Backup.faults(copy));
            Files.writeString(copy.resolve("files").resolve(id), "{ }");
            assertEquals(List.of("files/" + id + " has changed"), Backup.faults(copy));
            Files.delete(copy.resolve("files").resolve(id));
            assertEquals(List.of("files/" + id + " is missing"), Backup.faults(copy));
            Files.delete(data.resolve("files").resolve(id));
            assertTrue(Backup.make(data, settings, folder.resolve("third"), _ -> {})
                    .remarks()
                    .getFirst()
                    .contains(id + " is damaged"));
        }
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(
                    List.of("copy", "data", "full", "third"),
                    all.map(each -> each.getFileName().toString()).sorted().toList());
        }
    }

    private static void assertRefused(String words, Path data, Path copy) {
        ServerException refusal =
                assertThrows(ServerException.class, () -> Backup.make(data, ServerSettings.DEFAULTS, copy, _ -> {}));
        assertTrue(String.valueOf(refusal.getMessage()).contains(words), refusal::getMessage);
    }

    @Test
    void postgresIsDumpedBesideItsFiles() throws Exception {
        assumeTrue(
                PostgresServer.installed().isPresent(),
                "there is no PostgreSQL on this machine (Debian: apt-get install postgresql)");
        Path data = folder.resolve("data");
        ServerSettings settings;
        try (PostgresServer postgres = PostgresServer.start()) {
            settings = ServerSettings.DEFAULTS.withDatabase(postgres.url());
            try (RunningServer server = RunningServer.start(data, settings)) {
                String id = new JobClient(server, data).upload("a.jsonl", "{}\n");
                Backup.Made made = Backup.make(data, settings, folder.resolve("copy"), _ -> {});
                assertEquals(List.of(), made.remarks());
                assertTrue(Files.size(folder.resolve("copy").resolve(Backup.DUMP)) > 0);
                assertTrue(Files.exists(folder.resolve("copy/files").resolve(id)));
                assertFalse(Files.exists(folder.resolve("copy").resolve(Backup.DATABASE)));
            }
        }
        ServerException refusal = assertThrows(
                ServerException.class, () -> Backup.make(data, settings, folder.resolve("other"), _ -> {}));
        assertTrue(String.valueOf(refusal.getMessage()).contains("the database does not answer"), refusal::getMessage);
        assertFalse(Files.exists(folder.resolve("other")));
    }
}
