package org.reft4j.sandbox;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs programs in child JVMs with a Python interpreter, one program at a time in each, none of which sees another. A program
 * that exceeds its deadline or the heap costs its own outcome and, at worst, its worker, which is replaced in the background.
 *
 * <p>Workers start when the pool does and take some seconds; programs handed over before wait. Each worker must run a sample
 * program before it is trusted. One that fails to start, or ends without a program, {@value #MAX_FAILURES} times in a row is given up;
 * when all are given up, every waiting and later {@link #run} throws: programs are never graded by a broken pool.
 *
 * <p>A worker whose interpreter a program may have damaged is replaced. A program that fails together with its worker is run again in
 * one that has run nothing else, and only that counts.
 */
public final class ProgramPool implements ProgramRunner {
    /** The reference code's limit. */
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    /** Time after a program's deadline until its worker is killed, which should have cancelled it by then. */
    private static final Duration GRACE = Duration.ofMillis(500);

    /** For what is the worker's business, not the program's: a start takes 3 s alone on a core, a new context 0.2 s. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final int MAX_FAILURES = 3;
    private static final long POLL_MILLIS = 200;

    private volatile WorkerCommand command;
    private final Duration deadline;
    private final LinkedBlockingDeque<Job> jobs = new LinkedBlockingDeque<>();
    private final ScheduledThreadPoolExecutor killer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("program-killer").factory());
    private final List<Thread> threads = new ArrayList<>();
    private final List<WorkerProcess> processes = new ArrayList<>(); // guarded by itself
    private final CompletableFuture<String> interpreter = new CompletableFuture<>();
    private int threadsLeft; // guarded by processes
    private volatile @Nullable ProgramPoolException broken;

    private ProgramPool(WorkerCommand command, int workers, Duration deadline) {
        this.command = command;
        this.deadline = deadline;
        this.threadsLeft = workers;
        killer.setRemoveOnCancelPolicy(true); // nearly all are cancelled, and seldom due
        for (int i = 1; i <= workers; i++) {
            threads.add(Thread.ofPlatform().daemon().name("program-worker-" + i).unstarted(this::serve));
        }
    }

    /** One worker per processor, 10 s per program. Returns at once; the workers start in the background. */
    public static ProgramPool start() {
        return start(Runtime.getRuntime().availableProcessors(), DEADLINE);
    }

    /**
     * @param workers at least 1; each takes 208 MiB of heap and about as much besides
     * @param deadline how long a program may run, more than 0
     */
    public static ProgramPool start(int workers, Duration deadline) {
        return start(WorkerCommand.worker(), workers, deadline);
    }

    static ProgramPool start(WorkerCommand command, int workers, Duration deadline) {
        if (workers < 1 || deadline.toMillis() < 1) {
            throw new IllegalArgumentException("a program pool of " + workers + " workers with a deadline of "
                    + deadline + "; expected at least 1 worker and 1 ms");
        }
        ProgramPool pool = new ProgramPool(command, workers, deadline);
        pool.threads.forEach(Thread::start);
        return pool;
    }

    @Override
    public Outcome run(String program) {
        return run(ProgramTask.solution(program), deadline);
    }

    @Override
    public Outcome run(ProgramTask task, Duration limit) {
        if (task.length() > ProgramTask.MAX_CHARS) {
            return new Outcome.Raised(
                    "too long: " + task.length() + " characters; at most " + ProgramTask.MAX_CHARS + " are taken");
        }
        Job job = new Job(new WorkerProtocol.Request(task, limit));
        submit(job, false);
        return await(job.outcome, () -> jobs.remove(job));
    }

    /**
     * Describes the interpreter and its restrictions, for people. Waits for the first worker.
     *
     * @throws ProgramPoolException if no worker can be started
     */
    public String describe() {
        String version = await(interpreter, () -> {});
        return String.format(
                Locale.ROOT,
                "%s on Java %s; %d of %d workers, %s s per program, %d MiB of heap each; programs have no files (but "
                        + "Python's own library), network, processes, threads, environment, native code or host objects",
                version,
                System.getProperty("java.version"),
                pids().size(),
                threads.size(),
                deadline.toMillis() / 1000.0,
                command.heapMebibytes());
    }

    /** Kills all workers. Programs that run or wait fail with {@link ProgramPoolException}, as do later ones. */
    @Override
    public void close() {
        breakWith(new ProgramPoolException("the program pool is closed"));
        synchronized (processes) {
            processes.forEach(WorkerProcess::kill);
        }
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        killer.shutdownNow();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Process ids of the workers that are ready. */
    List<Long> pids() {
        synchronized (processes) {
            return processes.stream()
                    .filter(WorkerProcess::isReady)
                    .map(WorkerProcess::pid)
                    .toList();
        }
    }

    /** A worker thread: keeps one process alive and hands it programs. */
    private void serve() {
        int failures = 0;
        String reason = "";
        Job held = null;
        try {
            while (broken == null && failures < MAX_FAILURES) {
                WorkerEnd end = runWorker(held);
                held = end.held;
                failures = end.fruitful ? 0 : failures;
                if (end.failure != null) {
                    failures++;
                    reason = end.failure;
                }
            }
            if (broken == null) {
                giveUp(reason);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // by close(), which has told everybody
        } catch (RuntimeException e) {
            breakWith(new ProgramPoolException("programs cannot be run: a worker thread failed: " + e, e));
        } finally {
            if (held != null) {
                submit(held, true);
            }
        }
    }

    /**
     * Runs one worker process from its start to its end.
     *
     * @param held job that it does first
     */
    private WorkerEnd runWorker(@Nullable Job held) throws InterruptedException {
        try (WorkerProcess worker = WorkerProcess.start(command)) {
            synchronized (processes) {
                processes.add(worker);
            }
            try {
                if (broken != null) {
                    worker.kill(); // close() may have looked before it was in sight
                }
                interpreter.complete(worker.awaitReady(killer, PATIENCE));
                return work(worker, held);
            } catch (IOException e) {
                command = command.withoutLauncher(); // which may keep a worker from files that it needs
                return new WorkerEnd(false, "did not start, " + worker.endedBecause(), held);
            } finally {
                synchronized (processes) {
                    processes.remove(worker);
                }
            }
        } catch (IOException e) {
            command = command.withoutLauncher();
            return new WorkerEnd(false, "cannot be started: " + e.getMessage(), held);
        }
    }

    private WorkerEnd work(WorkerProcess worker, @Nullable Job held) throws InterruptedException {
        Job job = held;
        boolean used = false;
        while (broken == null && worker.isAlive()) {
            job = job == null ? jobs.poll(POLL_MILLIS, TimeUnit.MILLISECONDS) : job;
            if (job == null) {
                continue;
            }
            try {
                WorkerProtocol.Reply reply = worker.run(job.request, killer, PATIENCE, GRACE);
                if (reply.condition() == WorkerProtocol.Condition.FAULTY && used) {
                    return new WorkerEnd(true, null, job); // perhaps a victim of what ran before it
                }
                if (reply.condition() != WorkerProtocol.Condition.SOUND) {
                    worker.kill();
                }
                job.outcome.complete(reply.outcome());
            } catch (IOException e) {
                return judge(job, worker, used);
            } catch (RuntimeException e) {
                job.outcome.completeExceptionally(new ProgramPoolException("a worker thread failed: " + e, e));
                throw e;
            }
            job = null;
            used = true;
        }
        return new WorkerEnd(
                used, worker.isAlive() || worker.wasKilled() ? null : "ended idle, " + worker.endedBecause(), job);
    }

    /**
     * The worker died over a job. Settles the job, or holds it for the next worker. A death under a program counts for nothing but that
     * program: at once where the memory was too small, of which each program finds half or more; else if it ends one that has run
     * nothing before.
     *
     * @param used whether the worker had run other programs
     */
    private WorkerEnd judge(Job job, WorkerProcess worker, boolean used) throws InterruptedException {
        try {
            ProgramPoolException failure = broken;
            if (failure != null) {
                job.outcome.completeExceptionally(failure);
                return new WorkerEnd(used, null, null);
            }
            String reason = worker.endedBecause();
            if (!worker.hasBegun()) {
                return new WorkerEnd(used, "ended while a program ran, " + reason, job);
            }
            if (worker.wasKilled()) {
                job.outcome.complete(new Outcome.Killed(WorkerProtocol.deadlineReason(job.request.deadline())));
                return new WorkerEnd(used, null, null);
            }
            if (worker.exitCode() == WorkerProcess.OUT_OF_MEMORY_EXIT) {
                job.outcome.complete(
                        new Outcome.Killed("needed more than " + command.heapMebibytes() + " MiB of memory"));
                return new WorkerEnd(used, null, null);
            }
            if (!used && job.died) {
                job.outcome.complete(new Outcome.Killed("ended its worker twice, " + reason));
                return new WorkerEnd(false, null, null);
            }
            job.died = true; // and even then it may well be innocent
            return new WorkerEnd(used, null, job);
        } catch (InterruptedException e) {
            job.outcome.completeExceptionally(new ProgramPoolException("the program pool is closed", e));
            throw e;
        }
    }

    private void submit(Job job, boolean first) {
        if (first) {
            jobs.addFirst(job);
        } else {
            jobs.addLast(job);
        }
        ProgramPoolException failure = broken;
        if (failure != null) {
            fail(failure); // it may have broken before the job was in sight
        }
    }

    private void giveUp(String reason) {
        int left;
        synchronized (processes) {
            left = --threadsLeft;
        }
        if (left == 0) {
            breakWith(new ProgramPoolException("programs cannot be run: a worker process failed " + MAX_FAILURES
                    + " times in a row; the last " + reason + ". `reft doctor` shows what it needs"));
        }
    }

    private void breakWith(ProgramPoolException failure) {
        if (broken == null) {
            broken = failure;
        }
        fail(failure);
    }

    private void fail(ProgramPoolException failure) {
        interpreter.completeExceptionally(failure);
        for (Job job = jobs.poll(); job != null; job = jobs.poll()) {
            job.outcome.completeExceptionally(failure);
        }
    }

    private static <T> T await(CompletableFuture<T> result, Runnable whenInterrupted) {
        try {
            return result.get();
        } catch (ExecutionException e) {
            // One failure may end many calls: each throws its own, with its own stack.
            throw new ProgramPoolException(
                    String.valueOf(requireNonNull(e.getCause()).getMessage()), e.getCause());
        } catch (InterruptedException e) {
            whenInterrupted.run();
            Thread.currentThread().interrupt();
            throw new ProgramPoolException("interrupted while waiting for a program worker", e);
        }
    }

    /** A program on its way. */
    private static final class Job {
        private final WorkerProtocol.Request request;
        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        private boolean died;

        Job(WorkerProtocol.Request request) {
            this.request = request;
        }
    }

    /**
     * End of one worker process.
     *
     * @param fruitful whether it completed a program
     * @param failure reason of its end, where no program explains it
     * @param held job that the next process must do first: this one may have failed it through no fault of the program
     */
    private record WorkerEnd(
            boolean fruitful,
            @Nullable String failure,
            @Nullable Job held) {}
}
