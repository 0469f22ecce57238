package org.reft4j.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/**
 * A CPython of the user's own, with his packages, for graders that he trusts: child processes that do one task after the other and are
 * replaced when one fails. Each task runs its source anew; modules stay loaded from one to the next. What the system can keep such a
 * process from is kept; {@link #confinement} says what. They end with this program.
 */
public final class OwnPython implements ProgramRunner {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long MEMORY = 4L << 30;
    private static final List<String> KEPT_VARIABLES =
            List.of("HOME", "PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "SystemRoot", "USERPROFILE");

    private static final Map<String, OwnPython> ALL = new ConcurrentHashMap<>();
    private static final ScheduledThreadPoolExecutor KILLER = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("python-killer").factory());

    static {
        KILLER.setRemoveOnCancelPolicy(true);
    }

    private final String path;
    private final BlockingQueue<Child> idle = new LinkedBlockingQueue<>();
    private final AtomicInteger unstarted =
            new AtomicInteger(Runtime.getRuntime().availableProcessors());
    private final AtomicBoolean announced = new AtomicBoolean();
    private volatile String confinement = "";

    private OwnPython(String path) {
        this.path = path;
    }

    /** The same one for all graders with this path. */
    public static OwnPython of(String path) {
        return ALL.computeIfAbsent(path, OwnPython::new);
    }

    /** Description of the processes, such as {@code Python 3.12.1: no network, files read only}; empty until one has run. */
    public String confinement() {
        return confinement;
    }

    /** Says once what runs outside the sandbox, and what holds there. */
    public void announce(String place, Consumer<String> remarks) {
        if (announced.compareAndSet(false, true)) {
            remarks.accept(place + " runs in " + path + ", outside the sandbox, and reads all that you can read ("
                    + confinement + ")");
        }
    }

    @Override
    public Outcome run(String program) {
        throw new ProgramPoolException("an interpreter of one's own runs graders and nothing else");
    }

    /** @param task a call or a check */
    @Override
    public Outcome run(ProgramTask task, Duration deadline) {
        if (task.length() > ProgramTask.MAX_CHARS) {
            return new Outcome.Raised(
                    "too long: " + task.length() + " characters; at most " + ProgramTask.MAX_CHARS + " are taken");
        }
        Child child = null;
        try {
            child = take();
            Outcome outcome = child.run(task, deadline);
            // A process that ended over a task may still be seen alive for a moment.
            if (!(outcome instanceof Outcome.Killed) && child.process.isAlive()) {
                idle.add(child);
                child = null;
            }
            return outcome;
        } catch (IOException e) {
            throw new ProgramPoolException(path + " cannot be run as Python: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProgramPoolException("interrupted while waiting for " + path, e);
        } finally {
            if (child != null) {
                child.end();
                unstarted.incrementAndGet();
            }
        }
    }

    private Child take() throws IOException, InterruptedException {
        while (true) {
            Child ready = idle.poll();
            if (ready != null && ready.process.isAlive()) {
                return ready;
            }
            if (ready != null) {
                unstarted.incrementAndGet(); // somebody else ended it
            }
            if (unstarted.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                try {
                    return start();
                } catch (IOException e) {
                    unstarted.incrementAndGet();
                    throw e;
                }
            }
            ready = idle.poll(100, TimeUnit.MILLISECONDS);
            if (ready != null) {
                idle.add(ready);
            }
        }
    }

    private Child start() throws IOException {
        Path directory = Files.createTempDirectory("reft4j-python-");
        directory.toFile().deleteOnExit();
        List<String> command = new ArrayList<>(Namespaces.launcher());
        command.addAll(
                List.of(path, "-c", PythonContext.resource("harness.py") + PythonContext.resource("own_python.py")));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        Map<String, String> environment = builder.environment();
        environment.keySet().retainAll(KEPT_VARIABLES);
        environment.put("PYTHONHASHSEED", "0"); // sets and dictionaries in the same order in every process
        environment.put("OMP_NUM_THREADS", "1");
        Child child = new Child(builder.start());
        try {
            JsonNode said = child.greet();
            List<String> held = new ArrayList<>();
            if (!Namespaces.launcher().isEmpty()) {
                held.add("no network");
            }
            for (int i = 1; i < said.size(); i++) {
                held.add(said.get(i).asText());
            }
            confinement = "Python " + said.get(0).asText() + ": "
                    + (held.isEmpty() ? "not confined" : String.join(", ", held));
            return child;
        } catch (IOException e) {
            child.end();
            throw e;
        }
    }

    @Override
    public void close() {
        for (Child child = idle.poll(); child != null; child = idle.poll()) {
            child.end();
            unstarted.incrementAndGet();
        }
    }

    /** One process. Used by one thread at a time. */
    private static final class Child {
        private final Process process;
        private final BufferedWriter requests;
        private final BufferedReader replies;
        private volatile boolean ranOut;

        Child(Process process) {
            this.process = process;
            this.requests = process.outputWriter(StandardCharsets.UTF_8);
            this.replies = process.inputReader(StandardCharsets.UTF_8);
        }

        /** @return its version and what it gave up */
        JsonNode greet() throws IOException {
            ObjectNode limits = Json.PLAIN.createObjectNode().put("memory", MEMORY);
            ArrayNode filter = limits.putArray("filter");
            if (LinuxCalls.ofThisMachine().isPresent()) {
                SystemCallFilter.program((int) process.pid()).forEach(filter::add);
            }
            JsonNode said = ask(limits, PATIENCE);
            if (said == null || !said.isArray()) {
                throw new IOException("it ended at once; it has to be a CPython of version 3.8 or later");
            }
            return said;
        }

        Outcome run(ProgramTask task, Duration deadline) {
            ObjectNode request =
                    Json.PLAIN.createObjectNode().put("function", task.kind().function());
            request.set("texts", Json.PLAIN.valueToTree(task.texts()));
            JsonNode reply;
            try {
                reply = ask(request, deadline);
            } catch (IOException e) {
                reply = null;
            }
            if (reply == null || !reply.isArray()) {
                return new Outcome.Killed(ranOut ? WorkerProtocol.deadlineReason(deadline) : "ended its interpreter");
            }
            return reply.get(0).isTextual()
                    ? new Outcome.Raised(reply.get(0).asText())
                    : new Outcome.Returned(
                            reply.path(1).asText(),
                            reply.path(2).isTextual() ? reply.get(2).asText() : null);
        }

        private @Nullable JsonNode ask(JsonNode request, Duration limit) throws IOException {
            RunningTime time = RunningTime.limit(KILLER, limit, () -> false, () -> {
                ranOut = true;
                process.destroyForcibly();
            });
            try {
                requests.write(Json.PLAIN.writeValueAsString(request));
                requests.write('\n');
                requests.flush();
                String line = replies.readLine();
                return line == null ? null : Json.PLAIN.readTree(line);
            } catch (JsonProcessingException e) {
                throw new IOException("it wrote what is no reply", e);
            } finally {
                boolean _ = time.cancel();
            }
        }

        void end() {
            process.destroyForcibly();
        }
    }
}
