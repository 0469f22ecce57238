package org.reft4j.sandbox;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.regex.Pattern;
import org.graalvm.polyglot.Engine;
import org.graalvm.polyglot.PolyglotException;
import org.graalvm.polyglot.Value;
import org.jspecify.annotations.Nullable;
import org.reft4j.sandbox.ProgramRunner.Outcome;
import org.reft4j.sandbox.WorkerProtocol.Condition;
import org.reft4j.sandbox.WorkerProtocol.Reply;
import org.reft4j.sandbox.WorkerProtocol.Request;

/**
 * Python inside a worker: runs one program after the other, none of which sees or changes another. Programs that
 * {@link HarmlessProgram} accepts share a context, each with globals of its own, and so do graders that {@code graders.py} accepts, in
 * another; every other one gets a fresh context, which is closed after it. One thread only.
 */
final class PythonPrograms implements AutoCloseable {
    /** Programs until a new context drops the garbage of earlier ones (compiled code, interned text). */
    private static final int PROGRAMS_PER_CONTEXT = 20_000;

    private static final int MAX_TEXT_CHARS = StandardStreams.MAX_OUTPUT;
    private static final int MAX_RESULT_CHARS = 10_000;
    private static final int MAX_ERROR_CHARS = 300;

    /** Java's words for a class that could not be set up once and never will be, over this program or an earlier one. */
    private static final Pattern LOST_CLASS = Pattern.compile("NoClassDefFoundError|ExceptionInInitializerError");

    /** For a program whose recursion broke the interpreter where another would have ended in the exception. */
    private static final Outcome TOO_DEEP = new Outcome.Raised("RecursionError: maximum recursion depth exceeded");

    private final Engine engine = Engine.newBuilder("python")
            .option("engine.WarnInterpreterOnly", "false")
            .build();
    private final ScheduledThreadPoolExecutor watchdog = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("watchdog").factory());

    private @Nullable PythonContext shared;
    private int sharedRuns;
    private @Nullable PythonContext spare;
    private @Nullable PythonContext warm;
    private int warmCalls;
    private final HarmlessProgram harmless;
    private final String version;
    private final Optional<ThreadStack> stack;
    private Condition condition = Condition.SOUND;

    /** @param stack of the thread that uses this, where the system can look at it */
    PythonPrograms(Optional<ThreadStack> stack) {
        this.stack = stack;
        watchdog.setRemoveOnCancelPolicy(true); // nearly all are cancelled, and seldom due
        PythonContext first = new PythonContext(engine);
        this.harmless = new HarmlessProgram(first.names("FORBIDDEN_NAMES"), first.names("MATH_NAMES"));
        this.version = first.member("VERSION").asString();
        this.shared = first;
    }

    /** Name and version of the interpreter, such as {@code GraalPy 25.0.3 (Python 3.12.8)}. */
    String version() {
        return version;
    }

    /** Makes what the next program will need, so that its time is its own. */
    void prepare() {
        if (shared == null || shared.isSpent() || sharedRuns >= PROGRAMS_PER_CONTEXT) {
            if (shared != null) {
                shared.close();
            }
            shared = new PythonContext(engine);
            sharedRuns = 0;
        }
        if (spare == null) {
            spare = new PythonContext(engine);
        }
    }

    /**
     * Solutions, and calls of graders, may share a context; whatever else is asked for gets one of its own. After a condition that is not
     * sound this must not be used again.
     */
    Reply run(Request request) {
        Outcome outcome = switch (request.task().kind()) {
            case SOLUTION -> runSolution(request);
            case CALL -> callWarm(request).orElseGet(() -> runAlone(request));
            case CHECK, SCRIPT, TESTS -> runAlone(request);
        };
        if (stack.map(ThreadStack::wasExhausted).orElse(false)) {
            boolean broke = condition != Condition.SOUND;
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

    /** True if earlier programs left too little memory for another. */
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

    /** Beside other calls, if the source is such that none can change what another one sees. */
    private Optional<Outcome> callWarm(Request request) {
        if (warm != null && (warm.isSpent() || warmCalls >= PROGRAMS_PER_CONTEXT)) {
            warm.close();
            warm = null;
        }
        if (warm == null) {
            warm = new PythonContext(engine);
            warm.allowGraders();
            warmCalls = 0;
        }
        warmCalls++;
        return call(warm, "call_warm", request.deadline(), request.task().texts());
    }

    /** Runs any program in a context of its own. */
    private Outcome runAlone(Request request) {
        PythonContext alone = spare == null ? new PythonContext(engine) : spare;
        spare = null;
        ProgramTask task = request.task();
        boolean grades = task.kind() == ProgramTask.Kind.CALL || task.kind() == ProgramTask.Kind.CHECK;
        if (grades && task.texts().getFirst().contains("rapidfuzz")) {
            alone.allowGraders();
        }
        if (task.kind() == ProgramTask.Kind.SCRIPT) {
            alone.streams().open(task.texts().getLast());
        }
        try (alone) {
            Outcome outcome = call(alone, task.kind().function(), request.deadline(), task.texts())
                    .orElse(new Outcome.Raised("interpreter: no outcome"));
            return task.kind() == ProgramTask.Kind.SCRIPT ? withOutput(outcome, alone.streams()) : outcome;
        }
    }

    private static Outcome withOutput(Outcome outcome, StandardStreams streams) {
        if (streams.isFlooded()) {
            return new Outcome.Raised("wrote more than " + StandardStreams.MAX_OUTPUT + " bytes");
        }
        return outcome instanceof Outcome.Returned ? new Outcome.Returned(streams.output(), null) : outcome;
    }

    private Optional<Outcome> runShared(String function, String program, Duration deadline) {
        if (shared == null || shared.isSpent()) {
            prepare();
        }
        PythonContext interpreter = requireNonNull(shared);
        sharedRuns++;
        return call(interpreter, function, deadline, List.of(program));
    }

    /** @return empty where the harness asks for a fresh context */
    private Optional<Outcome> call(
            PythonContext interpreter, String function, Duration deadline, List<String> arguments) {
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
            interpreter.spend();
            if (e.isCancelled()) {
                return Optional.of(new Outcome.Killed(WorkerProtocol.deadlineReason(deadline)));
            }
            if (e.isInternalError() || e.isResourceExhausted()) {
                condition =
                        LOST_CLASS.matcher(String.valueOf(e.getMessage())).find() ? Condition.FAULTY : Condition.SPENT;
            }
            return Optional.of(new Outcome.Raised(oneLine("interpreter: " + e.getMessage())));
        } catch (ClassCastException | UnsupportedOperationException | IndexOutOfBoundsException e) {
            interpreter.spend(); // a program in a context of its own may make the harness return anything
            return Optional.of(new Outcome.Raised("interpreter: no outcome that can be read"));
        } finally {
            // A cancellation that has begun closes the context under whoever uses it next.
            if (!limit.cancel()) {
                interpreter.spend();
            }
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
}
