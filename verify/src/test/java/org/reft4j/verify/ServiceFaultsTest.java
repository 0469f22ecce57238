package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.TinyModel;
import org.reft4j.server.store.PostgresServer;

/**
 * Servers, workers, processes of jobs and the database are killed at random instants while jobs train and files arrive: every job and file
 * that the service said it had is there afterwards; every job has trained to the digits of an undisturbed one, each step once, and its events
 * are in order and none twice. {@code -Dtests.kills=50} kills so often, {@code -Dtests.seed} as it did before.
 */
@Timeout(3600)
class ServiceFaultsTest {
    private static final int KILLS = Integer.getInteger("tests.kills", 2);
    private static final long SEED = Long.getLong("tests.seed", System.nanoTime());
    /** Longest time between two kills; a job takes about twice as long. */
    private static final int BETWEEN_MS = 2_500;
    /** Jobs that are not over, so that there is always one to disturb. */
    private static final int OPEN = 2;

    private static final int LARGEST = 1 << 20;
    /** Pays almost every answer something else, so that there is something to learn. */
    private static final String GRADER =
            "def grade(sample, item):\\n    return sum(ord(c) for c in sample['output_text']) % 97 / 97\\n";

    @TempDir
    private static Path common = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private final SplittableRandom random = new SplittableRandom(SEED);

    @BeforeAll
    static void make() {
        TinyModel.make(common.resolve("tiny"));
    }

    /** Results of a job: figures, weights by file, and the steps of its table. */
    private record Left(List<JsonNode> figures, Map<String, String> model, List<String> table) {}

    /** Jobs with their bodies, and files with their bytes, that the service said it had. */
    private record Acknowledged(Map<String, String> jobs, Map<String, byte[]> files) {}

    @Test
    void oneServerOnSqlite() throws Exception {
        List<String> surprises = survives(1, 0, null);
        assertEquals(List.of(), surprises, "nothing ends but by SIGKILL");
    }

    @Test
    void twoServersAndThreeWorkersOnPostgres() throws Exception {
        Assumptions.assumeTrue(PostgresServer.installed().isPresent(), "no PostgreSQL on this machine");
        try (PostgresServer database = PostgresServer.start()) {
            // Processes that start while it is away end, and are started again.
            var _ = survives(2, 3, database);
        }
    }

    private List<String> survives(int servers, int workers, @Nullable PostgresServer database) throws Exception {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.writeString(data.resolve("server.yaml"), settings(database));
        try (ServiceProcesses service = ServiceProcesses.start(data, servers, workers);
                ServiceClient client = new ServiceClient(service.addresses())) {
            try {
                return survives(service, client, data, database);
            } catch (AssertionError | ExecutionException e) {
                throw new AssertionError(e.getMessage() + seed() + service.logs(), e);
            }
        }
    }

    private List<String> survives(
            ServiceProcesses service, ServiceClient client, Path data, @Nullable PostgresServer database)
            throws Exception {
        long begin = System.nanoTime();
        Map<String, Left> undisturbed = new HashMap<>();
        for (String body : List.of(supervised(client), reinforced(client))) {
            undisturbed.put(body, left(client, data, created(client, body)));
        }
        Acknowledged all = new Acknowledged(new LinkedHashMap<>(), new LinkedHashMap<>());
        List<String> kills = disturb(service, client, database, List.copyOf(undisturbed.keySet()), all);
        for (Map.Entry<String, String> job : all.jobs().entrySet()) {
            assertEquals(undisturbed.get(job.getValue()), left(client, data, job.getKey()), job::getKey);
            inOrder(client.events(job.getKey()));
        }
        for (Map.Entry<String, byte[]> file : all.files().entrySet()) {
            assertArrayEquals(
                    file.getValue(),
                    client.must("/v1/files/" + file.getKey() + "/content").bytes());
        }
        assertEquals(
                resultFiles(client),
                ids(client.must("/v1/files?purpose=fine-tune-results").json()),
                "a job has one file of figures");
        System.out.printf(
                "%d jobs and %d files outlived %d kills %s in %d s%s%n",
                all.jobs().size(),
                all.files().size(),
                kills.size(),
                counted(kills),
                (System.nanoTime() - begin) / 1_000_000_000,
                seed());
        return service.surprises();
    }

    /** The files of figures that jobs name, also jobs whose creation was not acknowledged. */
    private static Set<String> resultFiles(ServiceClient client) throws InterruptedException {
        Set<String> files = new TreeSet<>();
        for (JsonNode job : client.must("/v1/fine_tuning/jobs?limit=100").json().path("data")) {
            client.ended(job.path("id").asText()).path("result_files").forEach(file -> files.add(file.asText()));
        }
        return files;
    }

    private static Set<String> ids(JsonNode list) {
        Set<String> ids = new TreeSet<>();
        list.path("data").forEach(each -> ids.add(each.path("id").asText()));
        return ids;
    }

    private static String created(ServiceClient client, String body) throws InterruptedException {
        while (true) {
            Optional<String> job = client.create(body);
            if (job.isPresent()) {
                return job.get();
            }
        }
    }

    private static Map<String, Long> counted(List<String> kills) {
        Map<String, Long> counts = new TreeMap<>();
        kills.forEach(each -> counts.merge(each, 1L, Long::sum));
        return counts;
    }

    private static String settings(@Nullable PostgresServer database) {
        List<String> java = Stream.concat(
                        Stream.of("-Xmx512m", "-XX:TieredStopAtLevel=1"), Program.get().archive().stream())
                .toList();
        return (database == null ? "" : "database: \"" + database.url() + "\"\n")
                + "models: {tiny: \"" + common.resolve("tiny") + "\"}\n"
                // As often as it takes: with three tries, as by default, a job that is killed this often would fail.
                + "jobs: {at-once: 2, lease-seconds: 2, tries: 1000, java: [\"" + String.join("\", \"", java) + "\"]}\n"
                + "limits: {free-gib: 0}\n";
    }

    private static String supervised(ServiceClient client) throws InterruptedException {
        StringBuilder rows = new StringBuilder();
        IntStream.range(0, 12)
                .forEach(i -> rows.append("{\"messages\": [{\"role\": \"user\", \"content\": \"" + i
                        + " plus 1?\"}, {\"role\": \"assistant\", \"content\": \"" + (i + 1) + "\"}]}\n"));
        return """
                {"model": "tiny", "training_file": "%s", "seed": 5,
                 "reft4j": {"evaluate.max-total-tokens": 60, "checkpoint-every": 1}}""".formatted(client.mustUpload("train.jsonl", rows.toString()));
    }

    private static String reinforced(ServiceClient client) throws InterruptedException {
        return """
                {"model": "tiny", "training_file": "%s", "validation_file": "%s", "seed": 11,
                 "method": {"type": "reinforcement", "reinforcement": {
                   "grader": {"type": "python", "name": "varied", "source": "%s"},
                   "hyperparameters": {"batch_size": 4, "n_epochs": 1, "eval_interval": 2, "compute_multiplier": 0.5}}},
                 "reft4j": {"steps": 6, "rollout.max-total-tokens": 80, "rollout.max-prompt-tokens": 60, "checkpoint-every": 1}}""".formatted(
                        client.mustUpload("train.jsonl", questions(0, 8)),
                        client.mustUpload("valid.jsonl", questions(20, 24)),
                        GRADER);
    }

    private static String questions(int from, int to) {
        StringBuilder rows = new StringBuilder();
        IntStream.range(from, to)
                .forEach(i ->
                        rows.append("{\"messages\": [{\"role\": \"user\", \"content\": \"Write a" + i + "\"}]}\n"));
        return rows.toString();
    }

    /** The figures, the model and the table of a job when it is over; none of them may be there twice. */
    private static Left left(ServiceClient client, Path data, String job) throws Exception {
        JsonNode end = client.ended(job);
        List<JsonNode> events = client.events(job);
        assertEquals(
                "succeeded",
                end.path("status").asText(),
                () -> end + seed() + "\n"
                        + events.stream()
                                .map(each -> each.path("message").asText())
                                .toList());
        assertEquals(
                200,
                client.must("/v1/models/" + end.path("fine_tuned_model").asText())
                        .status());
        Map<String, String> model = new TreeMap<>();
        try (Stream<Path> files = Files.list(data.resolve("jobs/" + job + "/models/final"))) {
            for (Path file : files.filter(each -> each.toString().endsWith(".safetensors"))
                    .toList()) {
                model.put(String.valueOf(file.getFileName()), digest(Files.readAllBytes(file)));
            }
        }
        assertFalse(model.isEmpty(), () -> "no weights of " + job);
        String table = client.must(
                        "/v1/files/" + end.path("result_files").get(0).asText() + "/content")
                .text();
        return new Left(
                events.stream()
                        .filter(each -> each.path("type").asText().equals("metrics"))
                        .map(ServiceClient::timeless)
                        .toList(),
                model,
                table.lines().map(line -> line.split(",", -1)[0]).toList());
    }

    private static String digest(byte[] bytes) throws Exception {
        return HexFormat.of()
                .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** Each thing that happens once is told once, steps rise by one, and attempts rise. */
    private static void inOrder(List<JsonNode> events) {
        List<String> told =
                events.stream().map(each -> each.path("message").asText()).toList();
        for (String once : List.of(
                "Created fine-tuning job",
                "Files validated",
                "Fine-tuning job started",
                "New fine-tuned model created",
                "The job has successfully completed")) {
            assertEquals(
                    1,
                    told.stream().filter(line -> line.startsWith(once)).count(),
                    () -> once + " in " + told + seed());
        }
        assertEquals(
                events.size(),
                events.stream().map(each -> each.path("id").asText()).distinct().count());
        List<Integer> steps = events.stream()
                .filter(each -> each.path("type").asText().equals("metrics"))
                .map(each -> each.at("/data/step").asInt())
                .toList();
        assertEquals(
                IntStream.rangeClosed(steps.getFirst(), steps.getLast()).boxed().toList(), steps, () -> told + seed());
        List<Integer> attempts = told.stream()
                .filter(line -> line.startsWith("Fine-tuning job goes on, attempt "))
                .map(line -> Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1)))
                .toList();
        assertEquals(IntStream.range(2, attempts.size() + 2).boxed().toList(), attempts, () -> told + seed());
        assertTrue(told.getLast().startsWith("The job has successfully"), () -> told + seed());
        long before = 0;
        for (JsonNode event : events) {
            long at = event.path("created_at").asLong();
            assertTrue(at >= before, () -> "events go back in time: " + told + seed());
            before = at;
        }
    }

    /** Kills as often as asked for while jobs and files arrive; returns whom. */
    private List<String> disturb(
            ServiceProcesses service,
            ServiceClient client,
            @Nullable PostgresServer database,
            List<String> bodies,
            Acknowledged all)
            throws Exception {
        List<String> kills = new ArrayList<>();
        SplittableRandom others = random.split();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> caller = threads.submit(() -> {
                call(client, bodies, others, all);
                return null;
            });
            try {
                while (kills.size() < KILLS && !caller.isDone()) {
                    Thread.sleep(random.nextInt(BETWEEN_MS));
                    kill(service, database).ifPresent(kills::add);
                }
            } finally {
                threads.shutdownNow();
            }
            caller.get();
        }
        return kills;
    }

    private Optional<String> kill(ServiceProcesses service, @Nullable PostgresServer database) throws Exception {
        List<String> kinds =
                database == null ? List.of("server", "job") : List.of("server", "worker", "job", "database");
        String kind = kinds.get(random.nextInt(kinds.size()));
        if (kind.equals("job")) {
            return service.killJob(random);
        }
        if (kind.equals("database") && database != null) {
            database.crash();
            Thread.sleep(random.nextInt(BETWEEN_MS));
            database.restart();
            return Optional.of(kind);
        }
        return service.kill(kind, random);
    }

    /** Sends files, creates jobs, and sees that a job's events only ever grow at their end; until it is interrupted. */
    private static void call(ServiceClient client, List<String> bodies, SplittableRandom random, Acknowledged all) {
        Map<String, List<JsonNode>> seen = new HashMap<>();
        List<String> open = new ArrayList<>();
        try {
            while (true) {
                byte[] bytes = new byte[random.nextInt(LARGEST)];
                random.nextBytes(bytes);
                client.upload("noise.bin", bytes).ifPresent(id -> all.files().put(id, bytes));
                if (open.size() < OPEN) {
                    String body = bodies.get(random.nextInt(bodies.size()));
                    client.create(body).ifPresent(id -> {
                        all.jobs().put(id, body);
                        open.add(id);
                    });
                }
                for (String job : List.copyOf(open)) {
                    List<JsonNode> now = client.events(job);
                    List<JsonNode> before = seen.getOrDefault(job, List.of());
                    assertEquals(before, now.subList(0, Math.min(before.size(), now.size())), () -> job + seed());
                    seen.put(job, now);
                    if (ServiceClient.over(
                            client.must("/v1/fine_tuning/jobs/" + job).json())) {
                        open.remove(job);
                    }
                }
                Thread.sleep(50);
            }
        } catch (InterruptedException _) {
            // All kills are done.
        }
    }

    private static String seed() {
        return ", -Dtests.seed=" + SEED;
    }
}
