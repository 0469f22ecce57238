package org.reft4j.sandbox;

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
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import org.reft4j.sandbox.ProgramRunner.Outcome;
import org.reft4j.sandbox.WorkerProtocol.Condition;
import org.reft4j.sandbox.WorkerProtocol.Reply;
import org.reft4j.sandbox.WorkerProtocol.Request;

/**
 * The main class of a worker process: runs programs one at a time and speaks {@link WorkerProtocol}. It ends as soon as its
 * standard input does, whatever it is doing, so that no worker outlives its pool.
 */
final class ProgramWorker {
    /**
     * Enough for 3 400 plain calls, or for 1000, Python's usual limit, through its slower ways. The interpreter has no other limit of
     * recursion, and {@code sys.setrecursionlimit} changes nothing.
     */
    private static final long STACK_BYTES = 16L << 20;

    private static final Path DIRECTORY = Path.of("").toAbsolutePath();
    /** For what a worker proves itself with. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Reply SEVEN = new Reply(new Outcome.Returned("7", "7.0"), Condition.SOUND);

    private final SynchronousQueue<Request> requests = new SynchronousQueue<>();
    private final InputStream in;
    private final DataOutputStream out;
    private final boolean countsProcesses;

    private ProgramWorker(InputStream in, DataOutputStream out, boolean countsProcesses) {
        this.in = in;
        this.out = out;
        this.countsProcesses = countsProcesses;
    }

    /** @param args as {@link Namespaces#countProcesses} says */
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
        ProgramWorker worker = new ProgramWorker(System.in, out, Boolean.parseBoolean(args[0]));
        Thread.ofPlatform().name("requests").daemon().start(worker::readRequests);
        new Thread(null, worker::runPrograms, "programs", STACK_BYTES).start();
    }

    private void readRequests() {
        try (DataInputStream data = new DataInputStream(new BufferedInputStream(in))) {
            while (true) {
                requests.put(WorkerProtocol.readRequest(data));
            }
        } catch (IOException | InterruptedException e) {
            leave(0);
        }
    }

    private void runPrograms() {
        // The interpreter comes first, since it may have to unpack its library; this thread, and its children, are
        // confined most.
        try (PythonPrograms python = new PythonPrograms(ThreadStack.ofThisThread())) {
            Confinement confinement = Confinement.enter(countsProcesses, Confinement.readable());
            prove(python);
            confinement.settle();
            out.writeByte(WorkerProtocol.READY);
            WorkerProtocol.writeText(out, python.version());
            out.flush();
            while (true) {
                Request request = requests.take();
                confinement.allowProgram(request.deadline());
                out.writeByte(WorkerProtocol.BEGUN);
                out.flush();
                Reply reply = python.run(request);
                if (reply.condition() == Condition.SOUND && confinement.isNearItsLimits()) {
                    reply = new Reply(reply.outcome(), Condition.SPENT);
                }
                WorkerProtocol.writeReply(out, reply);
                if (reply.condition() != Condition.SOUND) {
                    leave(0);
                }
                python.prepare();
            }
        } catch (Throwable e) {
            // Whatever it is, the pool reads it from standard error and starts another worker.
            e.printStackTrace();
            leave(1);
        }
    }

    /**
     * A worker that cannot add does not say that it is ready: its failures would be rewarded as the programs'. On the way the interpreter
     * loads what programs use most: what it first needs where a program's stack ends would fail for good.
     */
    private static void prove(PythonPrograms python) {
        for (String program : List.of("def solution():\n    return 3 + 4", PythonContext.resource("warmup.py"))) {
            Reply reply = python.run(new Request(ProgramTask.solution(program), PATIENCE));
            if (!reply.equals(SEVEN)) {
                throw new IllegalStateException("expected " + SEVEN + " from 3 + 4, got " + reply);
            }
            python.prepare();
        }
    }

    private static void leave(int status) {
        WorkerProcess.deleteTree(DIRECTORY); // the pool does so too, if there is one left
        Runtime.getRuntime().halt(status);
    }
}
