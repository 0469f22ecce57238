package org.reft4j.server.store;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.reft4j.ground.files.DurableFiles;

/** A PostgreSQL of this machine with a cluster of its own, for tests. It refuses to run as root, so a root starts it as another user. */
public final class PostgresServer implements AutoCloseable {
    private static final int SECONDS = 60;
    private static final String USER = "tests";

    private final Path folder;
    private final Path bin;
    private final int port;

    private PostgresServer(Path folder, Path bin, int port) {
        this.folder = folder;
        this.bin = bin;
        this.port = port;
    }

    /** The folder of its programs; empty if there is none on this machine. */
    public static Optional<Path> installed() {
        List<Path> folders = new ArrayList<>();
        Path debian = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(debian)) {
            try (Stream<Path> versions = Files.list(debian)) {
                versions.map(version -> version.resolve("bin")).forEach(folders::add);
            } catch (IOException e) {
                return Optional.empty();
            }
        }
        for (String entry : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
            folders.add(Path.of(entry));
        }
        return folders.stream()
                .filter(each ->
                        Files.isExecutable(each.resolve("initdb")) && Files.isExecutable(each.resolve("pg_ctl")))
                .findFirst();
    }

    /** Makes a cluster and starts it. */
    public static PostgresServer start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("reft4j-postgres");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        PostgresServer server = new PostgresServer(folder, installed().orElseThrow(), port);
        if (root()) {
            run(List.of("chown", "nobody", folder.toString()));
        }
        server.postgres("initdb", "-D", server.data(), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync");
        server.restart();
        return server;
    }

    /** Starts it where it was stopped. */
    public void restart() throws IOException, InterruptedException {
        postgres(
                "pg_ctl",
                "-D",
                data(),
                "-l",
                folder.resolve("log").toString(),
                "-w",
                "-o",
                "-p " + port + " -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off",
                "start");
    }

    /** Kills it by SIGKILL, and waits until all of its processes are gone. */
    public void crash() throws IOException, InterruptedException {
        List<String> file = Files.readAllLines(folder.resolve("data").resolve("postmaster.pid"));
        ProcessHandle postmaster =
                ProcessHandle.of(Long.parseLong(file.getFirst().strip())).orElseThrow();
        List<ProcessHandle> all =
                Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        while (all.stream().anyMatch(ProcessHandle::isAlive)) {
            Thread.sleep(10);
        }
    }

    /** Stops it without a farewell. */
    public void kill() throws IOException, InterruptedException {
        postgres("pg_ctl", "-D", data(), "-m", "immediate", "stop");
    }

    /** The address of its only database. */
    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=" + USER;
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    private void postgres(String program, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (root()) {
            command.addAll(List.of("runuser", "-u", "nobody", "--"));
        }
        command.add(bin.resolve(program).toString());
        command.addAll(List.of(arguments));
        run(command);
    }

    private static boolean root() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Path said = Files.createTempFile("reft4j-postgres", ".out");
        try {
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(said.toFile())
                    .start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IOException(command + ": " + Files.readString(said));
            }
        } finally {
            Files.delete(said);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            kill();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        DurableFiles.deleteTree(folder);
    }
}
