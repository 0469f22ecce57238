package org.reft4j.verify;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.reft4j.server.worker.WorkerMain;

/** The processes of a service on one data folder. Those that end are started again, as systemd would. */
final class ServiceProcesses implements AutoCloseable {
    private static final long LOOK_MS = 100;
    private static final long PATIENCE_MS = 500;
    private static final int KILLED = 128 + 9;
    private static final long LIMIT_SECONDS = 30;

    private final Path data;
    private final List<Kept> kept = new ArrayList<>();
    private final List<URI> addresses = new ArrayList<>();
    private final List<String> surprises = new ArrayList<>();
    private final Thread keeper;
    private volatile boolean closed;

    /** One that is to be there: its command, and the process that runs it now. */
    private static final class Kept {
        private final String name;
        private final List<String> arguments;
        private Process process;

        Kept(String name, List<String> arguments, Process process) {
            this.name = name;
            this.arguments = arguments;
            this.process = process;
        }
    }

    private ServiceProcesses(Path data) {
        this.data = data;
        this.keeper = Thread.ofPlatform().daemon().name("keeper").unstarted(this::keep);
    }

    /** Starts servers, and processes that only train, on a data folder that has its settings. */
    static ServiceProcesses start(Path data, int servers, int workers) throws IOException {
        ServiceProcesses processes = new ServiceProcesses(data);
        for (int i = 0; i < servers; i++) {
            int port;
            try (ServerSocket free = new ServerSocket(0)) {
                port = free.getLocalPort();
            }
            processes.addresses.add(URI.create("http://127.0.0.1:" + port));
            processes.add("server " + i, List.of("serve", "--data", data.toString(), "--port", "" + port));
        }
        for (int i = 0; i < workers; i++) {
            processes.add("worker " + i, List.of("worker", "--data", data.toString()));
        }
        processes.keeper.start();
        return processes;
    }

    private void add(String name, List<String> arguments) {
        kept.add(new Kept(name, arguments, begin(name, arguments)));
    }

    private Process begin(String name, List<String> arguments) {
        return Reft.start(data, log(name), arguments.toArray(String[]::new));
    }

    private Path log(String name) {
        return data.resolveSibling(name.replace(' ', '-') + ".log");
    }

    List<URI> addresses() {
        return addresses;
    }

    private void keep() {
        while (!closed) {
            synchronized (this) {
                for (Kept each : kept) {
                    if (!closed && !each.process.isAlive()) {
                        if (each.process.exitValue() != KILLED) {
                            surprises.add(each.name + " ended with status " + each.process.exitValue());
                        }
                        each.process = begin(each.name, each.arguments);
                    }
                }
            }
            try {
                Thread.sleep(LOOK_MS);
            } catch (InterruptedException _) {
                return;
            }
        }
    }

    /** The processes that ended by themselves. */
    synchronized List<String> surprises() {
        return List.copyOf(surprises);
    }

    /** Kills a process whose name begins so; returns its name, or nothing if there is none. */
    synchronized Optional<String> kill(String kind, SplittableRandom random) {
        List<Kept> alive = kept.stream()
                .filter(each -> each.name.startsWith(kind) && each.process.isAlive())
                .toList();
        if (alive.isEmpty()) {
            return Optional.empty();
        }
        Kept victim = alive.get(random.nextInt(alive.size()));
        victim.process.destroyForcibly();
        return Optional.of(victim.name);
    }

    /** Kills the process of a job; returns nothing if there is none. */
    Optional<String> killJob(SplittableRandom random) {
        List<ProcessHandle> jobs = jobs();
        if (jobs.isEmpty()) {
            return Optional.empty();
        }
        ProcessHandle victim = jobs.get(random.nextInt(jobs.size()));
        return victim.destroyForcibly() ? Optional.of("job") : Optional.empty();
    }

    /** The processes that train a job, whoever started them. */
    List<ProcessHandle> jobs() {
        return ProcessHandle.allProcesses()
                .filter(each -> each.info()
                        .arguments()
                        .map(List::of)
                        .filter(words -> words.contains(WorkerMain.class.getName())
                                && words.contains(data.toAbsolutePath().toString()))
                        .isPresent())
                .toList();
    }

    /** The last lines of all logs, and the faults of servers. */
    String logs() {
        StringBuilder all = new StringBuilder("\n");
        try {
            Thread.sleep(PATIENCE_MS); // a line is written when its answer is out
            Files.readAllLines(data.resolve("logs/requests.jsonl")).stream()
                    .filter(line -> line.contains("\"failure\"") && line.contains("\"status\":500"))
                    .limit(3)
                    .forEach(line -> all.append(line).append('\n'));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        for (Kept each : kept) {
            try {
                List<String> lines = Files.readAllLines(log(each.name));
                all.append(each.name)
                        .append(": ")
                        .append(String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size())))
                        .append('\n');
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all.toString();
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            kept.forEach(each -> each.process.destroyForcibly());
        }
        jobs().forEach(ProcessHandle::destroyForcibly);
        try {
            for (Kept each : kept) {
                boolean _ = each.process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
            keeper.join(TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
