package org.reft4j.task.grade;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A process with a pool, for a test to kill: writes its workers' ids in a line once they are ready, then waits. */
final class PoolHolder {
    private PoolHolder() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        ProgramPool pool = ProgramPool.start(1, Duration.ofMinutes(1));
        pool.run("def solution():\n    return 1");
        Thread.ofPlatform().start(() -> pool.run("while True: pass"));
        OutputStream out = new java.io.FileOutputStream(java.io.FileDescriptor.out);
        out.write((pool.pids().getFirst() + "\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
        Thread.sleep(Duration.ofMinutes(1));
    }
}
