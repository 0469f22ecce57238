package org.reft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.ProgramTask;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;

/** What graders use in this process, to be closed with it. */
final class Toolbox implements AutoCloseable {
    private final GraderTools tools;
    private final Judges judges;

    private Toolbox(GraderTools tools, Judges judges) {
        this.tools = tools;
        this.judges = judges;
    }

    /**
     * Programs are run from the start where completions are programs, and otherwise when a grader first asks for it.
     *
     * @param plugins the classes that graders of type {@code java} are looked for in
     * @param models that judge, by name; {@code null} for none
     */
    static Toolbox of(Cot cot, ClassLoader plugins, @Nullable JsonNode models) {
        Judges judges = Judges.open(models);
        try {
            ProgramRunner programs = switch (cot) {
                case PROGRAM -> ProgramPool.start();
                case PROSE -> new OnDemand();
            };
            return new Toolbox(
                    new GraderTools(cot, programs, plugins, judges.map())
                            .remarking(remark -> System.err.println("reft: " + remark)),
                    judges);
        } catch (RuntimeException e) {
            judges.close();
            throw e;
        }
    }

    GraderTools tools() {
        return tools;
    }

    @Override
    public void close() {
        tools.programs().close();
        judges.close();
    }

    /** A pool that nobody pays for who does not use it. */
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
