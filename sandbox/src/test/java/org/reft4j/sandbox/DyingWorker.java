package org.reft4j.sandbox;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.time.Duration;

/** A worker that dies over its first program, before it begins or after ({@code begun}), or never says a word ({@code silent}). */
final class DyingWorker {
    private DyingWorker() {}

    public static void main(String[] args) throws IOException, InterruptedException {
        try (DataOutputStream out = new DataOutputStream(new FileOutputStream(FileDescriptor.out))) {
            if (args[0].equals("silent")) {
                Thread.sleep(Duration.ofMinutes(1));
            }
            out.writeByte(WorkerProtocol.READY);
            WorkerProtocol.writeText(out, "a fake");
            WorkerProtocol.Request _ = WorkerProtocol.readRequest(new DataInputStream(System.in));
            if (args[0].equals("begun")) {
                out.writeByte(WorkerProtocol.BEGUN);
            }
            System.err.println("last words");
            Runtime.getRuntime().halt(7);
        }
    }
}
