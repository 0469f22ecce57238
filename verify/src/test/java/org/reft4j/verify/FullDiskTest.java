package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.TinyModel;

/**
 * A service whose disk becomes full while a job trains: nothing that it said it had is lost, what it refuses it refuses with the reason, and the
 * job goes on when there is room again. Needs a root of Linux, for a small file system in memory.
 */
@Timeout(300)
class FullDiskTest {
    private static final int MIB = 1 << 20;
    private static final int REFUSED = 413;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void whatIsKeptStaysAndTheJobGoesOn() throws Exception {
        Path disk = Files.createDirectories(folder.resolve("disk"));
        Assumptions.assumeTrue(
                done("mount", "-t", "tmpfs", "-o", "size=64m", "none", disk.toString()),
                "no file system of 64 MiB can be mounted here; only root of Linux can");
        try {
            Path data = Files.createDirectories(disk.resolve("data"));
            TinyModel.make(folder.resolve("tiny"));
            Files.writeString(
                    data.resolve("server.yaml"),
                    "models: {tiny: \"" + folder.resolve("tiny") + "\"}\n"
                            + "jobs: {lease-seconds: 2, java: [-Xmx512m, \"-XX:TieredStopAtLevel=1\"]}\n"
                            + "limits: {free-gib: 0}\n");
            try (ServiceProcesses service = ServiceProcesses.start(data, 1, 0);
                    ServiceClient client = new ServiceClient(service.addresses())) {
                try {
                    fill(client, disk);
                } catch (AssertionError e) {
                    throw new AssertionError(e.getMessage() + service.logs(), e);
                }
                assertEquals(List.of(), service.surprises(), "the server lives on");
            }
        } finally {
            assertTrue(done("umount", "-l", disk.toString()));
        }
    }

    private static void fill(ServiceClient client, Path disk) throws Exception {
        String job = created(client);
        while (step(client, job) < 2) {
            Thread.sleep(50);
        }
        Map<String, byte[]> files = filled(client);
        // The rest of the room: the job has none for its next checkpoint, and SQLite none for its next page.
        Path ballast = disk.resolve("ballast");
        fill(ballast);
        int before = goesOnReading(client, job);
        Files.delete(ballast);
        for (String id : List.copyOf(files.keySet()).subList(0, files.size() - 2)) {
            assertArrayEquals(
                    files.remove(id),
                    client.must("/v1/files/" + id + "/content").bytes());
            assertEquals(
                    200,
                    client.ask("DELETE", "/v1/files/" + id, "", new byte[0])
                            .orElseThrow()
                            .status());
        }
        List<String> told = succeeds(client, job, before);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            assertArrayEquals(
                    file.getValue(),
                    client.must("/v1/files/" + file.getKey() + "/content").bytes());
        }
        Thread.sleep(500); // a line is written when its answer is out
        String log = Files.readString(disk.resolve("data/logs/requests.jsonl"));
        assertTrue(files.keySet().stream().allMatch(log::contains), "requests are logged again");
        System.out.println("the full disk was told of by: "
                + told.stream()
                        .filter(line -> line.contains("disk") || line.contains("gone"))
                        .distinct()
                        .toList());
    }

    /** Sends files until one is refused; returns the others. */
    private static Map<String, byte[]> filled(ServiceClient client) throws InterruptedException {
        Map<String, byte[]> files = new HashMap<>();
        SplittableRandom random = new SplittableRandom(1);
        Optional<ServiceClient.Answer> last = Optional.empty();
        for (int i = 0; i < 100 && (last.isEmpty() || last.get().status() != REFUSED); i++) {
            byte[] bytes = new byte[2 * MIB];
            random.nextBytes(bytes);
            last = client.send("noise.bin", bytes);
            last.filter(answer -> answer.status() == 200)
                    .ifPresent(answer -> files.put(answer.json().path("id").asText(), bytes));
        }
        assertEquals("storage_full", last.orElseThrow().json().at("/error/code").asText());
        assertTrue(files.size() > 5, () -> files.size() + " files");
        return files;
    }

    /** Reads a job that has no room; returns its step. */
    private static int goesOnReading(ServiceClient client, String job) throws InterruptedException {
        for (int i = 0; i < 30; i++) {
            client.must("/v1/fine_tuning/jobs/" + job);
            Thread.sleep(100);
        }
        JsonNode now = client.must("/v1/fine_tuning/jobs/" + job).json();
        assertTrue(!ServiceClient.over(now), () -> "it waits: " + now);
        // A client sees a reason that it can do something about, or 503 (which the client here takes for no answer).
        client.send("more.bin", new byte[MIB]).ifPresent(answer -> assertEquals(REFUSED, answer.status()));
        return now.at("/reft4j/step").asInt();
    }

    private static List<String> succeeds(ServiceClient client, String job, int before) throws InterruptedException {
        JsonNode end = client.ended(job);
        List<JsonNode> events = client.events(job);
        List<String> told =
                events.stream().map(event -> event.path("message").asText()).toList();
        assertEquals("succeeded", end.path("status").asText(), () -> end + "\n" + told);
        assertTrue(before < end.at("/reft4j/step").asInt(), () -> "it was full before the job's end: " + told);
        List<Integer> steps = events.stream()
                .filter(event -> event.path("type").asText().equals("metrics"))
                .map(event -> event.at("/data/step").asInt())
                .toList();
        assertEquals(
                IntStream.rangeClosed(steps.getFirst(), steps.getLast()).boxed().toList(),
                steps,
                () -> told.toString());
        return told;
    }

    /** Long enough to be in the middle when the disk is full. */
    private static String created(ServiceClient client) throws InterruptedException {
        StringBuilder rows = new StringBuilder();
        IntStream.range(0, 64)
                .forEach(i -> rows.append("{\"messages\": [{\"role\": \"user\", \"content\": \"" + i
                        + " plus 1?\"}, {\"role\": \"assistant\", \"content\": \"" + (i + 1) + "\"}]}\n"));
        String file = client.mustUpload("train.jsonl", rows.toString());
        return client.create("""
                        {"model": "tiny", "training_file": "%s", "seed": 5,
                         "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 12, "batch_size": 4}}},
                         "reft4j": {"evaluate.max-total-tokens": 60, "checkpoint-every": 1}}""".formatted(file)).orElseThrow();
    }

    private static int step(ServiceClient client, String job) throws InterruptedException {
        return client.must("/v1/fine_tuning/jobs/" + job)
                .json()
                .at("/reft4j/step")
                .asInt();
    }

    private static void fill(Path ballast) throws IOException {
        byte[] bytes = new byte[4096];
        try (var out = Files.newOutputStream(ballast, StandardOpenOption.CREATE_NEW)) {
            while (true) {
                out.write(bytes);
            }
        } catch (IOException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("No space"), e::toString);
        }
    }

    private static boolean done(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException _) {
            return false;
        }
    }
}
