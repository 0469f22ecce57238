package org.reft4j.sandbox;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/**
 * Protocol between a {@link ProgramPool} and its workers, over the worker's standard input and output. Pool to worker:
 * tasks, each its kind's name, its deadline in
 * milliseconds, the number of its texts and those. Worker to pool: once {@link #READY} and a text that describes the interpreter; then for each program
 * {@link #BEGUN}, when its time starts to run, its outcome and the worker's {@link Condition}, after which a worker that is not sound
 * ends. A text is its length in bytes (-1 for none) and its UTF-8 bytes.
 */
final class WorkerProtocol {
    static final int READY = 'H';
    static final int BEGUN = 'B';
    private static final int RETURNED = 'R';
    private static final int RAISED = 'E';
    private static final int KILLED = 'K';

    /** Longer texts come from no program worth running; a worker that announces one is out of step. */
    static final int MAX_TEXT_BYTES = 16 << 20;

    /** More is no task of this program's. */
    private static final int MAX_TEXTS = 10_000;

    private WorkerProtocol() {}

    /** A task with the time it may take. */
    record Request(ProgramTask task, Duration deadline) {}

    /** Condition of a worker after a program. */
    enum Condition {
        /** The worker is as it was before. */
        SOUND,
        /** The outcome is the program's own, but its stack or memory ran over, or it broke the interpreter: what is left is anybody's guess. */
        SPENT,
        /** The interpreter lacks a part of itself, lost over this program or an earlier one. */
        FAULTY
    }

    /** Reply of a worker: outcome of a program and condition of the worker. */
    record Reply(Outcome outcome, Condition condition) {}

    static void writeRequest(DataOutputStream out, Request request) throws IOException {
        writeText(out, request.task().kind().name());
        out.writeLong(request.deadline().toMillis());
        out.writeInt(request.task().texts().size());
        for (String text : request.task().texts()) {
            writeText(out, text);
        }
        out.flush();
    }

    static Request readRequest(DataInputStream in) throws IOException {
        ProgramTask.Kind kind = kind(required(in));
        Duration deadline = Duration.ofMillis(in.readLong());
        int count = in.readInt();
        if (count < 0 || count > MAX_TEXTS) {
            throw new IOException("a task with " + count + " texts was announced");
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(required(in));
        }
        return new Request(new ProgramTask(kind, texts), deadline);
    }

    private static ProgramTask.Kind kind(String name) throws IOException {
        try {
            return ProgramTask.Kind.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new IOException("a task of no known kind was announced", e);
        }
    }

    static void writeText(DataOutputStream out, @Nullable String text) throws IOException {
        if (text == null) {
            out.writeInt(-1);
            return;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static @Nullable String readText(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length == -1) {
            return null;
        }
        if (length < 0 || length > MAX_TEXT_BYTES) {
            throw new IOException("a text of " + length + " bytes was announced");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("a text ended after " + bytes.length + " of " + length + " bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static void expect(DataInputStream in, int kind) throws IOException {
        int got = in.readUnsignedByte();
        if (got != kind) {
            throw new IOException("message " + got + " came where " + kind + " was due");
        }
    }

    static void writeReply(DataOutputStream out, Reply reply) throws IOException {
        switch (reply.outcome()) {
            case Outcome.Returned(String text, String number) -> {
                out.writeByte(RETURNED);
                writeText(out, text);
                writeText(out, number);
            }
            case Outcome.Raised(String error) -> {
                out.writeByte(RAISED);
                writeText(out, error);
            }
            case Outcome.Killed(String reason) -> {
                out.writeByte(KILLED);
                writeText(out, reason);
            }
        }
        writeText(out, reply.condition().name());
        out.flush();
    }

    static Reply readReply(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        Outcome outcome = switch (kind) {
            case RETURNED -> new Outcome.Returned(required(in), readText(in));
            case RAISED -> new Outcome.Raised(required(in));
            case KILLED -> new Outcome.Killed(required(in));
            default -> throw new IOException("message " + kind + " came where an outcome was due");
        };
        return new Reply(outcome, condition(required(in)));
    }

    private static Condition condition(String name) throws IOException {
        try {
            return Condition.valueOf(name);
        } catch (IllegalArgumentException e) {
            throw new IOException("a condition that is not known was announced", e);
        }
    }

    static String required(DataInputStream in) throws IOException {
        String text = readText(in);
        if (text == null) {
            throw new IOException("no text came where one was due");
        }
        return text;
    }

    /** Why a program was killed, in the same words whoever killed it. */
    static String deadlineReason(Duration deadline) {
        return "ran longer than " + deadline.toMillis() / 1000.0 + " s";
    }
}
