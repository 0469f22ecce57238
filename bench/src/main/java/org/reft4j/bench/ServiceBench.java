package org.reft4j.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.train.job.Example;
import org.reft4j.train.job.Job;

/**
 * Load on a fresh {@code reft serve}, from the same machine: reads of jobs and their events without and beside a job that trains, many uploads
 * at once, many silent watchers, and one large upload. Times are those of an open loop ({@link OpenLoop}).
 *
 * <p>Argument: seconds of each phase of reads (default 30).
 */
public final class ServiceBench {
    private static final int READS = 1_500;
    private static final double READS_GOAL_MS = 20;
    private static final int READS_BESIDE = 300;
    private static final double READS_BESIDE_GOAL_MS = 100;
    private static final int UPLOADS = 200;
    private static final int WATCHERS = 2_000;
    private static final int WATCHED_SECONDS = 15;
    private static final long LARGE = 512L << 20;
    private static final int WARM_SECONDS = 10;
    private static final int JOBS = 20;

    private static final String GRADER =
            "{\"type\": \"python\", \"name\": \"varied\", \"source\": \"def grade(sample, item):\\n"
                    + "    return sum(ord(c) for c in sample['output_text']) % 97 / 97\\n\"}";

    private final History history = new History("service");
    private final ServedProcess server;
    private final QuickGets gets;
    private final int seconds;

    private ServiceBench(ServedProcess server, QuickGets gets, int seconds) {
        this.server = server;
        this.gets = gets;
        this.seconds = seconds;
    }

    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
        Path folder = Files.createTempDirectory("reft4j-load");
        try {
            Path data = Files.createDirectories(folder.resolve("data"));
            Files.writeString(
                    data.resolve("server.yaml"), "models: {tiny: \"" + model(folder) + "\"}\nlimits: {free-gib: 0}\n");
            try (ServedProcess server = ServedProcess.start(data, List.of("-Xmx256m"));
                    QuickGets gets = new QuickGets(server.port())) {
                new ServiceBench(server, gets, seconds).run();
            }
        } finally {
            DurableFiles.deleteTree(folder);
        }
    }

    private void run() throws Exception {
        head();
        List<String> jobs = jobs();
        var _ = OpenLoop.run(READS / 3, WARM_SECONDS, number -> read(jobs, number));
        reads("reads", READS, READS_GOAL_MS, jobs);
        uploads();
        watchers(jobs.getFirst());
        large();
        String training = training();
        List<String> beside = List.of(training);
        var _ = OpenLoop.run(READS_BESIDE, 2, number -> read(beside, number));
        reads("reads beside training", READS_BESIDE, READS_BESIDE_GOAL_MS, beside);
        int step = step(training);
        System.out.println("the job made " + step + " steps meanwhile");
        history.put("steps of the job beside", step);
        server.post("/v1/fine_tuning/jobs/" + training + "/cancel", "", "status");
        history.write();
        System.out.println(history);
        System.out.println("recorded in bench/history.jsonl");
    }

    private static void head() {
        System.out.printf(
                Locale.ROOT,
                "%-34s %7s %8s %8s %8s %8s %7s %9s  %s%n",
                "what",
                "count",
                "p50 ms",
                "p99 ms",
                "p99.9",
                "max",
                "failed",
                "MiB after",
                "");
    }

    private void line(String what, OpenLoop loop, String remark) {
        System.out.printf(
                Locale.ROOT,
                "%-34s %7d %8.1f %8.1f %8.1f %8.1f %7d %9d  %s%n",
                what,
                loop.milliseconds().size(),
                loop.percentile(0.5),
                loop.percentile(0.99),
                loop.percentile(0.999),
                loop.percentile(1),
                loop.failed(),
                server.residentMib(),
                remark);
        history.put(what + ": p50 ms", loop.percentile(0.5));
        history.put(what + ": p99 ms", loop.percentile(0.99));
        history.put(what + ": p99.9 ms", loop.percentile(0.999));
        history.put(what + ": failed", loop.failed());
        history.put(what + ": MiB after", (double) server.residentMib());
    }

    /** A model of some ten thousand weights. */
    private static Path model(Path folder) throws IOException {
        List<Example> sums = IntStream.range(0, 8)
                .mapToObj(i -> new Example(i + " plus 1?", "" + (i + 1), "The answer is " + (i + 1)))
                .toList();
        Path trained = Job.of("""
                        {recipe: sft, epochs: 1, batch: 8, data: {cot: n}, evaluate: {questions: 1, max-total-tokens: 30},
                         model: {compute: f32, new: {layers: 2, width: 64, heads: 2, key-value-heads: 1, feed-forward: 128,
                                                     context-length: 256}}}""", folder.resolve("model"))
                .examples(sums, sums.subList(0, 1))
                .start()
                .await()
                .model();
        Path model = Files.createDirectories(folder.resolve("tiny"));
        try (Stream<Path> files = Files.list(trained)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = String.valueOf(file.getFileName());
                if (!name.startsWith("reft-") && !name.equals("checkpoint.json")) {
                    Files.copy(file, model.resolve(name));
                }
            }
        }
        Files.writeString(
                model.resolve("chat_template.jinja"),
                "{% for m in messages %}<{{ m.role }}>{{ m.content }}<|endoftext|>\n{% endfor %}"
                        + "{% if add_generation_prompt %}<assistant>{% endif %}");
        return model;
    }

    /** Jobs that are over, the first of them with the events of its steps. */
    private List<String> jobs() throws IOException, InterruptedException {
        String file = server.upload("train.jsonl", stream(conversations(20)));
        List<String> jobs = new ArrayList<>();
        for (int i = 0; i < JOBS; i++) {
            jobs.add(server.post(
                    "/v1/fine_tuning/jobs",
                    "{\"model\": \"tiny\", \"training_file\": \"" + file + "\", \"metadata\": {\"number\": \"" + i
                            + "\"}, \"reft4j\": {\"evaluate.max-total-tokens\": 60}}",
                    "id"));
        }
        for (String job : jobs.subList(1, jobs.size())) {
            server.post("/v1/fine_tuning/jobs/" + job + "/cancel", "", "status");
        }
        for (String status = "";
                !status.equals("succeeded");
                status = job(jobs.getFirst()).path("status").asText()) {
            if (status.equals("failed")) {
                throw new IOException("the job failed: " + job(jobs.getFirst()));
            }
            Thread.sleep(100);
        }
        return jobs;
    }

    private static String conversations(int rows) {
        StringBuilder lines = new StringBuilder();
        IntStream.range(0, rows)
                .forEach(i -> lines.append("{\"messages\": [{\"role\": \"user\", \"content\": \"" + i
                        + " plus 1?\"}, {\"role\": \"assistant\", \"content\": \"" + (i + 1) + "\"}]}\n"));
        return lines.toString();
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Three of five reads are of a job, the others of its events. */
    private boolean read(List<String> jobs, int number) throws IOException {
        String job = jobs.get(number % jobs.size());
        String path = "/v1/fine_tuning/jobs/" + job + (number % 5 < 3 ? "" : "/events?limit=20");
        return gets.status(path) == 200;
    }

    private void reads(String what, int rate, double goal, List<String> jobs) throws InterruptedException {
        OpenLoop loop = OpenLoop.run(rate, seconds, number -> read(jobs, number));
        boolean reached = loop.failed() == 0 && loop.percentile(0.99) < goal;
        history.put(what + ": generator late ms", loop.late());
        line(
                what + ", " + rate + "/s",
                loop,
                String.format(
                        Locale.ROOT,
                        "goal p99 < %.0f: %s (the generator itself was %.1f ms late)",
                        goal,
                        reached ? "reached" : "MISSED",
                        loop.late()));
    }

    /** All at one instant. */
    private void uploads() throws InterruptedException {
        byte[] content = new byte[1 << 20];
        OpenLoop loop = OpenLoop.atOnce(
                UPLOADS,
                _ -> !server.upload("u.bin", new ByteArrayInputStream(content)).isEmpty());
        line("uploads of 1 MiB at once", loop, "");
    }

    /** Streams of a job's changes that nobody hears anything from. */
    private void watchers(String job) throws Exception {
        long before = server.residentMib();
        AtomicInteger heard = new AtomicInteger();
        AtomicInteger broken = new AtomicInteger();
        List<Socket> sockets = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < WATCHERS; i++) {
                Socket socket = new Socket();
                sockets.add(socket);
                threads.execute(() -> watch(socket, job, heard, broken));
            }
            Thread.sleep(WATCHED_SECONDS * 1000L / 3);
            OpenLoop loop = OpenLoop.run(100, WATCHED_SECONDS * 2 / 3, number -> read(List.of(job), number));
            long after = server.residentMib();
            line(
                    "reads beside " + WATCHERS + " watchers, 100/s",
                    loop,
                    heard.get() + " heard of, " + broken.get() + " broken, memory grew by " + (after - before)
                            + " MiB");
            history.put("watchers: heard", heard.get());
            history.put("watchers: broken", broken.get());
            history.put("watchers: MiB more", (double) (after - before));
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private void watch(Socket socket, String job, AtomicInteger heard, AtomicInteger broken) {
        boolean first = true;
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()), 20_000);
            socket.getOutputStream()
                    .write(("GET /jobs/" + job + "/changes HTTP/1.1\r\nHost: 127.0.0.1:" + server.port()
                                    + "\r\nAccept: text/event-stream\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            byte[] some = new byte[512];
            for (int got = socket.getInputStream().read(some);
                    got >= 0;
                    got = socket.getInputStream().read(some)) {
                String text = new String(some, 0, got, StandardCharsets.US_ASCII);
                if (first && text.startsWith("HTTP/1.1 200")) {
                    heard.incrementAndGet();
                }
                first = false;
            }
            broken.incrementAndGet();
        } catch (IOException _) {
            if (!socket.isClosed()) {
                broken.incrementAndGet();
            }
        }
    }

    /** One file as large as may be, and the largest memory meanwhile. */
    private void large() throws Exception {
        long before = server.residentMib();
        try (ExecutorService thread = Executors.newVirtualThreadPerTaskExecutor()) {
            long begin = System.nanoTime();
            Future<String> sent = thread.submit(() -> server.upload("large.bin", new Zeros(LARGE)));
            long most = before;
            while (!sent.isDone()) {
                most = Math.max(most, server.residentMib());
                Thread.sleep(20);
            }
            var _ = sent.get();
            double took = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    Locale.ROOT,
                    "upload of 512 MiB: %.1f s, %.0f MiB/s; memory %d MiB before, %d at most%n",
                    took,
                    LARGE / took / (1 << 20),
                    before,
                    most);
            history.put("large upload: seconds", took);
            history.put("large upload: MiB before", (double) before);
            history.put("large upload: MiB at most", (double) most);
        }
    }

    /** So many zeros. */
    private static final class Zeros extends InputStream {
        private long left;

        Zeros(long bytes) {
            this.left = bytes;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] bytes, int from, int length) {
            if (left <= 0) {
                return -1;
            }
            int some = (int) Math.min(left, length);
            Arrays.fill(bytes, from, from + some, (byte) 0);
            left -= some;
            return some;
        }
    }

    /** A job that reinforces until it is cancelled, once it has made a step. */
    private String training() throws IOException, InterruptedException {
        String train = server.upload("train.jsonl", stream(questions(0, 8)));
        String valid = server.upload("valid.jsonl", stream(questions(20, 24)));
        String job = server.post("/v1/fine_tuning/jobs", """
                        {"model": "tiny", "training_file": "%s", "validation_file": "%s", "seed": 11,
                         "method": {"type": "reinforcement", "reinforcement": {"grader": %s,
                           "hyperparameters": {"batch_size": 8, "eval_interval": 1000}}},
                         "reft4j": {"steps": 100000, "rollout.samples": 16, "rollout.max-total-tokens": 200,
                                    "rollout.max-prompt-tokens": 60}}""".formatted(train, valid, GRADER), "id");
        while (step(job) < 1) {
            Thread.sleep(100);
        }
        return job;
    }

    private static String questions(int from, int to) {
        StringBuilder rows = new StringBuilder();
        IntStream.range(from, to)
                .forEach(i ->
                        rows.append("{\"messages\": [{\"role\": \"user\", \"content\": \"Write a" + i + "\"}]}\n"));
        return rows.toString();
    }

    private int step(String id) throws IOException, InterruptedException {
        JsonNode job = job(id);
        if (job.path("status").asText().equals("failed")) {
            throw new IOException("the job failed: " + job);
        }
        return job.at("/reft4j/step").asInt();
    }

    private JsonNode job(String id) throws IOException, InterruptedException {
        return Json.PLAIN.readTree(server.get("/v1/fine_tuning/jobs/" + id).body());
    }
}
