package org.reft4j.task.graders;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Calls foreign code, each time on a daemon thread of its own, and leaves it alone at its deadline: Java cannot stop a thread that does not
 * want to stop. Each abandoned call may burn a core until the program ends, so after {@value #MOST} of them that still run nothing is called.
 */
final class AbandonedCalls {
    static final int MOST = 4;

    private static final String INTERRUPTED = "was interrupted";

    private final String name;
    private final ClassLoader classes;
    private final AtomicInteger abandoned = new AtomicInteger();

    /**
     * @param name of the threads
     * @param classes their context class loader
     */
    AbandonedCalls(String name, ClassLoader classes) {
        this.name = name;
        this.classes = classes;
    }

    /** Outcome of a call. */
    sealed interface Ended<T> {
        /** Returned in time; never {@code null}. */
        record Returned<T>(T value) implements Ended<T> {}

        /** Failed with an exception or an error, or returned {@code null}. */
        record Threw<T>(Throwable failure) implements Ended<T> {}

        /** Not at all, as a sentence without a subject says. */
        record Abandoned<T>(String reason) implements Ended<T> {}
    }

    /** Waits for the call, but not longer than allowed. A caller that is interrupted already calls nothing: a fast call would hide it. */
    <T> Ended<T> call(Callable<@Nullable T> code, Duration timeout) {
        if (abandoned.get() >= MOST) {
            return new Ended.Abandoned<>("was not called, since " + MOST + " earlier calls still run");
        }
        if (Thread.currentThread().isInterrupted()) {
            return new Ended.Abandoned<>(INTERRUPTED);
        }
        CompletableFuture<Ended<T>> ended = new CompletableFuture<>();
        Thread thread = Thread.ofPlatform().daemon().name("plug-in " + name).unstarted(() -> run(code, ended));
        thread.setContextClassLoader(classes);
        thread.start();
        try {
            return ended.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            abandon(thread, ended);
            return new Ended.Abandoned<>("did not return within " + timeout.toMillis() / 1000.0 + " s");
        } catch (InterruptedException e) {
            abandon(thread, ended);
            Thread.currentThread().interrupt();
            return new Ended.Abandoned<>(INTERRUPTED);
        } catch (ExecutionException e) {
            throw new IllegalStateException("run completes its future with a value", e);
        }
    }

    /** Counts the call for as long as it runs, and asks it to end. */
    private void abandon(Thread thread, CompletableFuture<?> ended) {
        abandoned.incrementAndGet();
        var _ = ended.whenComplete((_, _) -> abandoned.decrementAndGet());
        thread.interrupt();
    }

    private static <T> void run(Callable<@Nullable T> code, CompletableFuture<Ended<T>> ended) {
        try {
            T value = code.call();
            ended.complete(
                    value == null
                            ? new Ended.Threw<>(new NullPointerException("returned null"))
                            : new Ended.Returned<>(value));
        } catch (Throwable e) { // its stack may overflow, its classes may lack: nothing of that is ours
            ended.complete(new Ended.Threw<>(e));
        }
    }
}
