package org.reft4j.train.job;

import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A run that goes on, on a thread of its own. Closing it asks it to end, and waits until it has. */
public final class RunningJob implements AutoCloseable {
    /** Room for native calls, as the first thread of a program has it. */
    private static final long STACK_BYTES = 8 << 20;

    private final OpenJob job;
    private final FutureTask<FinishedJob> task;

    RunningJob(OpenJob job) {
        this.job = job;
        this.task = new FutureTask<>(() -> {
            try (job) {
                return job.run();
            }
        });
        Thread.ofPlatform()
                .name("run " + job.folder().getFileName())
                .stackSize(STACK_BYTES)
                .start(task);
    }

    /** State of a run. */
    public enum State {
        /** It trains. */
        RUNNING,
        /** Ended normally: all steps are done, or a stop was requested. */
        ENDED,
        /** It has failed; {@link RunningJob#await} throws the reason. */
        FAILED
    }

    /** The folder of the run, where its figures can be read while it goes on. */
    public Path folder() {
        return job.folder();
    }

    /** Its state at this moment. */
    public State state() {
        return switch (task.state()) {
            case RUNNING -> State.RUNNING;
            case SUCCESS -> State.ENDED;
            case FAILED, CANCELLED -> State.FAILED;
        };
    }

    /** Asks it to end after its current step, in good order; returns at once. */
    public void stop() {
        job.stop();
    }

    /**
     * Waits for its end.
     *
     * @throws RuntimeException that the run failed with
     */
    public FinishedJob await() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    // A run ends in good order only: the caller's interruption asks for that.
                    interrupted = true;
                    stop();
                }
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw new CompletionException(e.getCause());
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Asks it to end and waits; a failure is left to {@link #await}. */
    @Override
    public void close() {
        if (state() != State.RUNNING) {
            return;
        }
        stop();
        try {
            FinishedJob _ = await();
        } catch (RuntimeException _) {
            // The failure was thrown to the caller that waits for the end; a caller that only closes does not need it.
        }
    }
}
