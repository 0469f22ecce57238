package org.reft4j.task.grade;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.graalvm.polyglot.Context;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.EnvironmentAccess;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.PolyglotAccess;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Source;
import org.graalvm.polyglot.Value;
import org.graalvm.polyglot.io.IOAccess;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.grade.ProgramRunner.Outcome;
import org.reft4j.task.grade.WorkerProtocol.Condition;
import org.reft4j.task.grade.WorkerProtocol.Reply;
import org.reft4j.task.grade.WorkerProtocol.Request;

/**
 * Python inside a worker: runs one program after the other, none of which sees or changes another. Programs that
 * {@link HarmlessProgram} accepts share a context, each with globals of its own; every other one gets a fresh context, which is
 * closed behind it. One thread only.
 */
final class PythonPrograms implements AutoCloseable {
    /** A program may leave garbage behind (compiled code, interned text); a new context now and then drops it. */
    private static final int PROGRAMS_PER_CONTEXT = 20_000;

    private static final int MAX_TEXT_CHARS = StandardStreams.MAX_OUTPUT;
    private static final int MAX_RESULT_CHARS = 10_000;
    private static final int MAX_ERROR_CHARS = 300;

    /** For a program whose recursion broke the interpreter where another would have ended in the exception. */
    private static final Outcome TOO_DEEP = new Outcome.Raised("RecursionError: maximum recursion depth exceeded");

    private final Engine engine = Engine.newBuilder("python")
            .option("engine.WarnInterpreterOnly", "false")
            .build();
    private final Source harness = harness();
    private final ScheduledThreadPoolExecutor watchdog = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("watchdog").factory());

    private @Nullable Interpreter shared;
    private int sharedRuns;
    private @Nullable Interpreter spare;
    private final HarmlessProgram harmless;
    private final String version;
    private final Optional<ThreadStack> stack;
    private Condition condition = Condition.SOUND;

    /** @param stack of the thread that uses this, where the system can look at it */
    PythonPrograms(Optional<ThreadStack> stack) {
        this.stack = stack;
        watchdog.setRemoveOnCancelPolicy(true); // nearly all are cancelled, and seldom due
        Interpreter first = new Interpreter(engine, harness);
        this.harmless = new HarmlessProgram(first.names("FORBIDDEN_NAMES"), first.names("MATH_NAMES"));
        this.version = first.member("VERSION").asString();
        this.shared = first;
    }

    /** Such as {@code GraalPy 25.0.3 (Python 3.12.8)}. */
    String version() {
        return version;
    }

    /** Makes what the next program will need, so that its time is its own. */
    void prepare() {
        if (shared == null || shared.spent || sharedRuns >= PROGRAMS_PER_CONTEXT) {
            if (shared != null) {
                shared.close();
            }
            shared = new Interpreter(engine, harness);
            sharedRuns = 0;
        }
        if (spare == null) {
            spare = new Interpreter(engine, harness);
        }
    }

    /** Solutions may share a context; whatever else is asked for gets one of its own. After a condition that is not sound this must not be used again. */
    Reply run(Request request) {
        Outcome outcome = request.task().kind() == ProgramTask.Kind.SOLUTION ? runSolution(request) : runAlone(request);
        if (stack.map(ThreadStack::wasExhausted).orElse(false)) {
            boolean broke = condition == Condition.FAULTY;
            condition = Condition.SPENT;
            return new Reply(broke ? TOO_DEEP : outcome, condition);
        }
        if (condition == Condition.SOUND && outcome instanceof Outcome.Raised(String error)) {
            boolean recursed = stack.isEmpty() && error.startsWith("RecursionError");
            condition = recursed || error.startsWith("MemoryError") ? Condition.SPENT : condition;
        }
        if (condition == Condition.SOUND && leavesTooLittleMemory()) {
            condition = Condition.SPENT;
        }
        return new Reply(outcome, condition);
    }

    /** So that no program fails for what an earlier one left behind. */
    private static boolean leavesTooLittleMemory() {
        Runtime runtime = Runtime.getRuntime();
        if (runtime.totalMemory() - runtime.freeMemory() > runtime.maxMemory() / 4 * 3) {
            System.gc();
            return runtime.totalMemory() - runtime.freeMemory() > runtime.maxMemory() / 2;
        }
        return false;
    }

    private Outcome runSolution(Request request) {
        String program = request.task().texts().getFirst();
        String function = switch (harmless.judge(program)) {
            case HARMLESS -> "run_shared";
            case HARMLESS_UNLESS_STORING -> "run_shared_unless_storing";
            case UNKNOWN -> "compile_only";
        };
        Outcome outcome = runShared(function, program, request.deadline()).orElseGet(() -> runAlone(request));
        return outcome instanceof Outcome.Returned(String text, String number)
                ? new Outcome.Returned(cut(text, MAX_RESULT_CHARS), number)
                : outcome;
    }

    /** In a context of its own, whatever the program is. */
    private Outcome runAlone(Request request) {
        Interpreter alone = spare == null ? new Interpreter(engine, harness) : spare;
        spare = null;
        ProgramTask task = request.task();
        if (task.kind() == ProgramTask.Kind.SCRIPT) {
            alone.streams.open(task.texts().getLast());
        }
        try (alone) {
            Outcome outcome = call(alone, task.kind().function(), request.deadline(), task.texts())
                    .orElse(new Outcome.Raised("interpreter: no outcome"));
            return task.kind() == ProgramTask.Kind.SCRIPT ? withOutput(outcome, alone.streams) : outcome;
        }
    }

    private static Outcome withOutput(Outcome outcome, StandardStreams streams) {
        if (streams.isFlooded()) {
            return new Outcome.Raised("wrote more than " + StandardStreams.MAX_OUTPUT + " bytes");
        }
        return outcome instanceof Outcome.Returned ? new Outcome.Returned(streams.output(), null) : outcome;
    }

    private Optional<Outcome> runShared(String function, String program, Duration deadline) {
        if (shared == null || shared.spent) {
            prepare();
        }
        Interpreter interpreter = requireNonNull(shared);
        sharedRuns++;
        return call(interpreter, function, deadline, List.of(program));
    }

    /** @return empty where the harness asks for a fresh context */
    private Optional<Outcome> call(
            Interpreter interpreter, String function, Duration deadline, List<String> arguments) {
        RunningTime limit = RunningTime.limit(watchdog, deadline, () -> false, interpreter::close);
        try {
            Value result = interpreter.member(function).execute(arguments.toArray());
            String error = text(result.getArrayElement(0));
            if (error != null) {
                return error.isEmpty() ? Optional.empty() : Optional.of(new Outcome.Raised(oneLine(error)));
            }
            String text = String.valueOf(text(result.getArrayElement(1)));
            return Optional.of(new Outcome.Returned(cut(text, MAX_TEXT_CHARS), text(result.getArrayElement(2))));
        } catch (PolyglotException e) {
            interpreter.spent = true;
            if (e.isCancelled()) {
                return Optional.of(new Outcome.Killed(WorkerProtocol.deadlineReason(deadline)));
            }
            condition = Condition.FAULTY;
            return Optional.of(new Outcome.Raised(oneLine("interpreter: " + e.getMessage())));
        } catch (ClassCastException | UnsupportedOperationException | IndexOutOfBoundsException e) {
            interpreter.spent = true; // a program in a context of its own may make the harness return anything
            return Optional.of(new Outcome.Raised("interpreter: no outcome that can be read"));
        } finally {
            // A cancellation that has begun closes the context under whoever uses it next.
            interpreter.spent |= !limit.cancel();
        }
    }

    @Override
    public void close() {
        watchdog.shutdownNow();
        engine.close(true);
    }

    private static @Nullable String text(Value value) {
        return value.isNull() ? null : value.asString();
    }

    private static String oneLine(String error) {
        return cut(error.replaceAll("\\s+", " ").strip(), MAX_ERROR_CHARS);
    }

    private static String cut(String text, int chars) {
        return text.length() <= chars ? text : text.substring(0, chars);
    }

    private static Source harness() {
        try {
            return Source.newBuilder("python", resource("harness.py"), "harness.py")
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("harness.py cannot be made a source", e);
        }
    }

    /** A Python file of this package. */
    static String resource(String name) {
        try (InputStream in = requireNonNull(PythonPrograms.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read from the class path", e);
        }
    }

    /** One context, with the harness loaded and nothing allowed. */
    private static final class Interpreter implements AutoCloseable {
        private final Context context;
        private final Map<String, Value> members = new HashMap<>();
        private final StandardStreams streams = new StandardStreams();
        /** Not to be used again. */
        private boolean spent;

        Interpreter(Engine engine, Source harness) {
            this.context = Context.newBuilder("python")
                    .engine(engine)
                    .allowAllAccess(false)
                    .allowHostAccess(HostAccess.NONE)
                    .allowHostClassLookup(_ -> false)
                    .allowIO(IOAccess.NONE)
                    .allowNativeAccess(false)
                    .allowCreateProcess(false)
                    .allowCreateThread(false)
                    .allowPolyglotAccess(PolyglotAccess.NONE)
                    .allowEnvironmentAccess(EnvironmentAccess.NONE)
                    .option("python.PosixModuleBackend", "java")
                    .option("python.NoSiteFlag", "true")
                    .in(streams.input())
                    .out(streams.sink())
                    .err(OutputStream.nullOutputStream())
                    .build();
            context.eval(harness);
        }

        Value member(String name) {
            return members.computeIfAbsent(
                    name, n -> context.getBindings("python").getMember(n));
        }

        Set<String> names(String member) {
            Value list = member(member);
            Set<String> names = new HashSet<>();
            for (long i = 0; i < list.getArraySize(); i++) {
                names.add(list.getArrayElement(i).asString());
            }
            return names;
        }

        /** Cancels what runs in it, from any thread. */
        @Override
        public void close() {
            context.close(true);
        }
    }
}
