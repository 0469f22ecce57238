package org.reft4j.train.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.ProgramTask;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;

/** Resources that graders share in this process; to be closed at its end. */
public final class Toolbox implements AutoCloseable {
    private final GraderTools tools;
    private final Judges judges;

    private Toolbox(GraderTools tools, Judges judges) {
        this.tools = tools;
        this.judges = judges;
    }

    /**
     * Graders written in Java.
     *
     * @param classes the class loader that finds them
     * @param remarks gets notes for users when a grader is made, such as that it runs outside the sandbox
     */
    public record Plugins(ClassLoader classes, Consumer<String> remarks) {
        /** The graders on this program's own class path, without remarks. */
        public static final Plugins NONE = new Plugins(Plugins.class.getClassLoader(), _ -> {});
    }

    /**
     * Makes tools. Programs are run from the start where completions are programs, and otherwise when a grader first asks for it.
     *
     * @param models that judge, by name; {@code null} for none
     */
    public static Toolbox of(Cot cot, Plugins plugins, @Nullable JsonNode models) {
        return of(cot, plugins, models, cot == Cot.PROGRAM);
    }

    /** Makes the same tools, for a run that is checked and not begun: programs are run only when a grader first asks for it. */
    public static Toolbox toCheck(Cot cot, Plugins plugins, @Nullable JsonNode models) {
        return of(cot, plugins, models, false);
    }

    private static Toolbox of(Cot cot, Plugins plugins, @Nullable JsonNode models, boolean programsAtOnce) {
        Judges judges = Judges.open(models);
        try {
            ProgramRunner programs = programsAtOnce ? ProgramPool.start() : new OnDemand();
            return new Toolbox(
                    new GraderTools(cot, programs, plugins.classes(), judges.map()).remarking(plugins.remarks()),
                    judges);
        } catch (RuntimeException e) {
            judges.close();
            throw e;
        }
    }

    public GraderTools tools() {
        return tools;
    }

    @Override
    public void close() {
        tools.programs().close();
        judges.close();
    }

    /** A pool of workers that starts when it is first used. */
    private static final class OnDemand implements ProgramRunner {
        private final Lock lock = new ReentrantLock();
        private @Nullable ProgramRunner pool;

        private ProgramRunner pool() {
            lock.lock();
            try {
                if (pool == null) {
                    pool = ProgramPool.start();
                }
                return pool;
            } finally {
                lock.unlock();
            }
        }

        @Override
        public Outcome run(String program) {
            return pool().run(program);
        }

        @Override
        public Outcome run(ProgramTask task, Duration deadline) {
            return pool().run(task, deadline);
        }

        @Override
        public void close() {
            lock.lock();
            try {
                if (pool != null) {
                    pool.close();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
