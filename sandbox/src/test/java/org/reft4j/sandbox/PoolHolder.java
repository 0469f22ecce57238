package org.reft4j.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A process with a pool, for a test to kill or to stop: writes its worker's id in a line once it is ready, runs the program that it is
 * given, writes the outcome in a line, and waits.
 */
final class PoolHolder {
    private PoolHolder() {}

    static Process start(Duration deadline, String program) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                PoolHolder.class.getName(),
                String.valueOf(deadline.toMillis()),
                program);
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        ProgramPool pool = ProgramPool.start(1, Duration.ofMillis(Long.parseLong(args[0])));
        pool.run("def solution():\n    return 1");
        OutputStream out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write((pool.pids().getFirst() + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        out.write((pool.run(args[1]) + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        Thread.sleep(Duration.ofMinutes(1));
    }
}
