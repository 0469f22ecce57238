package org.reft4j.task.grade;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;

/** A worker that says it is ready and dies over its first program: before it begins, or after ({@code begun}). */
final class DyingWorker {
    private DyingWorker() {}

    public static void main(String[] args) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new FileOutputStream(FileDescriptor.out))) {
            out.writeByte(WorkerProtocol.READY);
            WorkerProtocol.writeText(out, "a fake");
            WorkerProtocol.required(new DataInputStream(System.in));
            if (args[0].equals("begun")) {
                out.writeByte(WorkerProtocol.BEGUN);
            }
            System.err.println("last words");
            Runtime.getRuntime().halt(7);
        }
    }
}
