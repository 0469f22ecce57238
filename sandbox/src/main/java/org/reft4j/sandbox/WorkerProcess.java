package org.reft4j.sandbox;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The pool's side of one worker process. Used by one thread, except that {@link #kill} and {@link #isReady} may come
 * from any. Owns the process and
 * its working directory until {@link #close}.
 */
final class WorkerProcess implements AutoCloseable {
    /** Exit status of the JVM under {@code -XX:+ExitOnOutOfMemoryError}. */
    static final int OUT_OF_MEMORY_EXIT = 3;

    private static final Duration EXIT_PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_STDERR_BYTES = 8192;
    private static final int REPORTED_LINES = 5;

    private final Process process;
    private final Path directory;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final Thread stderrReader;
    private volatile boolean killed;
    private volatile boolean ready;
    private boolean begun;

    private WorkerProcess(Process process, Path directory) {
        this.process = process;
        this.directory = directory;
        this.in = new DataInputStream(process.getInputStream()); // of Process, which buffers
        this.out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
        // A platform thread: reading a pipe pins a virtual thread's carrier, and two readers would take both of two
        // cores.
        this.stderrReader = Thread.ofPlatform().daemon().name("program-stderr").start(this::readStderr);
    }

    /** @throws IOException if there is no such program, or no room for it */
    static WorkerProcess start(WorkerCommand command) throws IOException {
        Path directory = Files.createTempDirectory("reft4j-program-");
        try {
            return new WorkerProcess(command.in(directory).start(), directory);
        } catch (IOException e) {
            Files.deleteIfExists(directory);
            throw e;
        }
    }

    /**
     * Waits until the worker has proved that it works.
     *
     * @return what it says of its interpreter
     * @throws IOException if it ended or fell silent instead
     */
    String awaitReady(ScheduledExecutorService killer, Duration patience) throws IOException {
        RunningTime kill = limit(killer, patience);
        try {
            WorkerProtocol.expect(in, WorkerProtocol.READY);
            String interpreter = WorkerProtocol.required(in);
            ready = true;
            return interpreter;
        } finally {
            kill.cancel();
        }
    }

    /**
     * Does one task.
     *
     * @param grace how long after the deadline, which counts from the program's begin, the worker is killed
     * @throws IOException if the worker ended first: {@link #endedBecause} says why
     */
    WorkerProtocol.Reply run(
            WorkerProtocol.Request request, ScheduledExecutorService killer, Duration patience, Duration grace)
            throws IOException {
        RunningTime kill = limit(killer, patience);
        try {
            begun = false;
            WorkerProtocol.writeRequest(out, request);
            WorkerProtocol.expect(in, WorkerProtocol.BEGUN);
            begun = true;
            kill.cancel();
            kill = limit(killer, request.deadline().plus(grace));
            return WorkerProtocol.readReply(in);
        } finally {
            kill.cancel();
        }
    }

    private RunningTime limit(ScheduledExecutorService killer, Duration limit) {
        return RunningTime.limit(killer, limit, this::isStopped, this::kill);
    }

    /** True if a signal has stopped the process, as Linux says in {@code /proc}; elsewhere never known. */
    private boolean isStopped() {
        try {
            String status = Files.readString(Path.of("/proc", String.valueOf(pid()), "stat"));
            int state = status.lastIndexOf(") ") + 2; // its name, in front, may hold anything
            return state < status.length() && "Tt".indexOf(status.charAt(state)) >= 0;
        } catch (IOException e) {
            return false;
        }
    }

    boolean isAlive() {
        return !killed && process.isAlive();
    }

    boolean isReady() {
        return ready && isAlive();
    }

    /** True if {@link #kill} ended it, and not something else. */
    boolean wasKilled() {
        return killed;
    }

    /** True if the program handed over last was running when the worker ended. */
    boolean hasBegun() {
        return begun;
    }

    Path directory() {
        return directory;
    }

    long pid() {
        return process.pid();
    }

    void kill() {
        killed = true;
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** The exit code, or -1 if it does not end. */
    int exitCode() throws InterruptedException {
        return process.waitFor(EXIT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS) ? process.exitValue() : -1;
    }

    /** One line: the exit code and what it wrote to standard error. */
    String endedBecause() throws InterruptedException {
        int code = exitCode();
        stderrReader.join(EXIT_PATIENCE);
        List<String> lines = stderr.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .limit(REPORTED_LINES)
                .toList();
        return (killed ? "killed" : "exit code " + code)
                + (lines.isEmpty() ? ", nothing on its standard error" : ": " + String.join(" | ", lines));
    }

    @Override
    public void close() {
        kill();
        // A pool that is being closed interrupts this thread, which still has to see the process out of its directory.
        boolean interrupted = Thread.interrupted();
        try {
            exitCode();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        deleteTree(directory);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Deletes what it can; the rest stays in the system's temporary directory. */
    static void deleteTree(Path directory) {
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException | UncheckedIOException e) {
            // Its other owner was quicker, or the system holds a file open: neither is worth a message.
        }
    }

    private void readStderr() {
        try (InputStream errors = process.getErrorStream()) {
            byte[] buffer = new byte[1024];
            for (int n = errors.read(buffer); n >= 0; n = errors.read(buffer)) {
                if (stderr.size() < MAX_STDERR_BYTES) {
                    stderr.write(buffer, 0, n);
                }
            }
        } catch (IOException e) {
            stderr.writeBytes(("standard error ended: " + e.getMessage()).getBytes(StandardCharsets.UTF_8));
        }
    }
}
