package org.reft4j.task.grade;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.SynchronousQueue;
import org.reft4j.task.grade.ProgramRunner.Outcome;

/**
 * The main class of a worker process: runs programs one at a time and speaks {@link WorkerProtocol}. It ends as soon as its
 * standard input does, whatever it is doing, so that no worker outlives its pool.
 */
final class ProgramWorker {
    /** Enough for Python's own recursion limit of 1000 with room to spare; deeper recursion raises RecursionError. */
    private static final long STACK_BYTES = 16L << 20;

    private static final Path DIRECTORY = Path.of("").toAbsolutePath();
    private static final Outcome SEVEN = new Outcome.Returned("7", "7.0");

    private final SynchronousQueue<String> programs = new SynchronousQueue<>();
    private final InputStream in;
    private final DataOutputStream out;
    private final Duration deadline;

    private ProgramWorker(InputStream in, DataOutputStream out, Duration deadline) {
        this.in = in;
        this.out = out;
        this.deadline = deadline;
    }

    /** @param args the deadline of a program in milliseconds */
    public static void main(String[] args) {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
        System.setOut(System.err); // whatever prints in this process must not reach the protocol
        if (!Files.isWritable(Path.of(System.getProperty("user.home", "")))) {
            // Python's library is unpacked into the home directory's cache, once per machine; without one, once per
            // worker.
            System.setProperty(
                    "polyglot.engine.userResourceCache",
                    DIRECTORY.resolve("python").toString());
        }
        ProgramWorker worker = new ProgramWorker(System.in, out, Duration.ofMillis(Long.parseLong(args[0])));
        Thread.ofPlatform().name("requests").daemon().start(worker::readPrograms);
        new Thread(null, worker::runPrograms, "programs", STACK_BYTES).start();
    }

    private void readPrograms() {
        try (DataInputStream requests = new DataInputStream(new BufferedInputStream(in))) {
            while (true) {
                programs.put(WorkerProtocol.required(requests));
            }
        } catch (IOException | InterruptedException e) {
            leave(0);
        }
    }

    private void runPrograms() {
        try (PythonPrograms python = new PythonPrograms(deadline)) {
            prove(python);
            out.writeByte(WorkerProtocol.READY);
            WorkerProtocol.writeText(out, python.version());
            out.flush();
            while (true) {
                String program = programs.take();
                out.writeByte(WorkerProtocol.BEGUN);
                out.flush();
                WorkerProtocol.writeOutcome(out, python.run(program));
                python.prepare();
            }
        } catch (Throwable e) {
            // Whatever it is, the pool reads it from standard error and starts another worker.
            e.printStackTrace();
            leave(1);
        }
    }

    /** A worker that cannot add does not say that it is ready: its failures would be paid as the programs'. */
    private static void prove(PythonPrograms python) {
        String program = "def solution():\n    return 3 + 4";
        for (Outcome outcome : new Outcome[] {python.run(program), python.runAlone(program)}) {
            if (!outcome.equals(SEVEN)) {
                throw new IllegalStateException("expected " + SEVEN + " from 3 + 4, got " + outcome);
            }
        }
        python.prepare();
    }

    private static void leave(int status) {
        WorkerProcess.deleteTree(DIRECTORY); // the pool does so too, if there is one left
        Runtime.getRuntime().halt(status);
    }
}
