package org.reft4j.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.reft4j.ground.files.Json;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.graders.ProgramCode;

/**
 * Benchmark of the sandbox: programs per second, each isolated from the others, and the memory of a worker.
 *
 * <p>Arguments: a file of programs (default {@code ../shared/data/svamp/svamp_python_sdp.json}: a list of objects with {@code answer_cot}
 * and {@code answer_value}), the number of workers (default: the processors), and the number of rounds over the file (default 5; the first
 * ones warm up).
 */
public final class ProgramBench {
    private static final String DEFAULT_FILE = "../shared/data/svamp/svamp_python_sdp.json";
    private static final double TOLERANCE = 0.01;

    private ProgramBench() {}

    private record Task(String program, double answer) {
        boolean isSolvedBy(ProgramRunner.Outcome outcome) {
            return outcome instanceof ProgramRunner.Outcome.Returned(String _, String number)
                    && number != null
                    && Math.abs(Double.parseDouble(number) - answer) <= TOLERANCE;
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path file = Path.of(arguments.length > 0 ? arguments[0] : DEFAULT_FILE);
        int workers = arguments.length > 1
                ? Integer.parseInt(arguments[1])
                : Runtime.getRuntime().availableProcessors();
        int rounds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 5;
        List<Task> tasks = tasks(file);
        long begin = System.nanoTime();
        try (ProgramPool pool = ProgramPool.start(workers, Duration.ofSeconds(10))) {
            System.out.println(pool.describe());
            System.out.printf(Locale.ROOT, "first worker ready after %.1f s%n", (System.nanoTime() - begin) / 1e9);
            for (int round = 1; round <= rounds; round++) {
                round(pool, tasks, round, 2 * workers);
            }
            memory("after the rounds");
            fill(pool, workers);
            memory("with a heap that has been full");
        }
    }

    /** Lets each worker's heap grow almost to its limit. */
    private static void fill(ProgramPool pool, int workers) throws InterruptedException {
        String program = "import gc\ndef solution():\n    import gc\n    x = [bytes(10**6) for i in range(120)]\n"
                + "    x = None\n    y = [[j] for j in range(8 * 10**5)]\n    return len(y)";
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 2 * workers; i++) {
            threads.add(Thread.ofPlatform().start(() -> System.out.println("filling: " + pool.run(program))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private static List<Task> tasks(Path file) throws IOException {
        List<Task> tasks = new ArrayList<>();
        for (JsonNode row : Json.PLAIN.readTree(file.toFile())) {
            tasks.add(new Task(
                    ProgramCode.clean(row.get("answer_cot").asText().strip()),
                    Double.parseDouble(row.get("answer_value").asText())));
        }
        return tasks;
    }

    private static void round(ProgramPool pool, List<Task> tasks, int round, int callers) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < callers; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int at = next.getAndIncrement(); at < tasks.size(); at = next.getAndIncrement()) {
                    Task task = tasks.get(at);
                    if (!task.isSolvedBy(pool.run(task.program))) {
                        wrong.incrementAndGet();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                Locale.ROOT,
                "round %d: %d programs, %d wrong, %.0f programs/s%n",
                round,
                tasks.size(),
                wrong.get(),
                tasks.size() / seconds);
    }

    /** Resident memory of the workers, now and at its highest, where the system tells. */
    private static void memory(String when) throws IOException {
        for (ProcessHandle worker : ProcessHandle.current().descendants().toList()) {
            Path status = Path.of("/proc", String.valueOf(worker.pid()), "status");
            if (Files.exists(status)) {
                List<String> lines = Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("VmRSS") || line.startsWith("VmHWM"))
                        .map(line -> line.replaceAll("\\s+", " "))
                        .toList();
                System.out.println("worker " + worker.pid() + " " + when + ": " + String.join(", ", lines));
            }
        }
    }
}
