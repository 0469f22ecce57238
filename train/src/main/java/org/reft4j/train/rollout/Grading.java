package org.reft4j.train.rollout;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;

/**
 * Grades completions in parallel to sampling, each as soon as it is complete. For use by one thread; its own threads have ended when it is
 * closed.
 */
public final class Grading implements AutoCloseable {
    /** Grades at once: enough for graders that wait for a service, few enough not to flood it. */
    private static final int AT_ONCE = 64;

    private final Judge judge;
    private final RewardRule rule;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore turns = new Semaphore(AT_ONCE);
    private final IdentityHashMap<Rollout, Future<Rollout>> begun = new IdentityHashMap<>();

    public Grading(Grader grader, RewardRule rule) {
        this((Rollout rollout, long _) -> grader.grade(rollout.question(), rollout.text()), rule);
    }

    private Grading(Judge judge, RewardRule rule) {
        this.judge = judge;
        this.rule = rule;
    }

    /** By more than a question and a text. */
    public static Grading by(Judge judge, RewardRule rule) {
        return new Grading(judge, rule);
    }

    /** Grades a completion. */
    @FunctionalInterface
    public interface Judge {
        /** @param key the key of the completion's random numbers */
        Grade of(Rollout rollout, long key);
    }

    /** Grades completions that are all there. */
    public static List<Rollout> all(List<Rollout> rollouts, Grader grader, RewardRule rule) {
        try (Grading grading = new Grading(grader, rule)) {
            return grading.end(rollouts);
        }
    }

    /**
     * Starts grading a completion.
     *
     * @param key the key of its random numbers
     */
    void begin(Rollout rollout, long key) {
        begun.put(rollout, threads.submit(() -> {
            turns.acquire();
            try {
                return graded(rollout, key);
            } finally {
                turns.release();
            }
        }));
    }

    private Rollout graded(Rollout rollout, long key) {
        long begin = System.nanoTime();
        Grade grade = judge.of(rollout, key);
        double seconds = (System.nanoTime() - begin) / 1e9;
        return rollout.graded(grade, grade instanceof Grade.Failed ? Double.NaN : rule.of(grade), seconds);
    }

    /**
     * Waits for grades, begun already or not. A grader that throws ends the step: its failure is not the completion's.
     *
     * @return the same with their grades, in the order given
     */
    List<Rollout> end(List<Rollout> rollouts) {
        rollouts.stream().filter(rollout -> !begun.containsKey(rollout)).forEach(rollout -> begin(rollout, 0));
        List<Rollout> graded = new ArrayList<>();
        try {
            for (Rollout rollout : rollouts) {
                graded.add(Objects.requireNonNull(begun.get(rollout)).get());
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("grading failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while grading", e);
        } finally {
            begun.clear();
        }
        return graded;
    }

    /** Cancels grading in progress; these grades are not needed any more. */
    void abandon() {
        begun.values().forEach(grade -> grade.cancel(true));
        begun.clear();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        threads.close();
    }
}
