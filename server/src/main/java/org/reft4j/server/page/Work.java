package org.reft4j.server.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A job or a run of the command line, as pages show it.
 *
 * @param id in addresses
 * @param name for people
 * @param snapshot of its run's folder; empty while there is none
 */
record Work(String id, String name, State state, Optional<JobTable.Entry> job, Optional<Snapshot> snapshot) {
    /** A run whose records are older than this many of its steps is not running any more. */
    private static final int SILENT_STEPS = 5;

    private static final Duration SILENT_AT_LEAST = Duration.ofMinutes(2);

    static Work of(String id, Optional<JobTable.Entry> job, Optional<Snapshot> snapshot) {
        String name = job.flatMap(JobTable.Entry::suffix).orElse(id.replace('~', '/'));
        State state = job.map(entry -> State.of(entry.status()))
                .orElseGet(
                        () -> snapshot.map(each -> state(each, Instant.now())).orElse(State.SILENT));
        return new Work(id, name, state, job, snapshot);
    }

    private static State state(Snapshot run, Instant now) {
        if (run.outcome().isPresent()) {
            return switch (run.outcome().get()) {
                case DONE -> State.DONE;
                case DIVERGED -> State.FAILED;
                case STOPPED -> State.PAUSED;
            };
        }
        double step = run.recent("seconds", SILENT_STEPS);
        Duration patience = Double.isNaN(step)
                ? SILENT_AT_LEAST
                : Duration.ofSeconds(Math.max(SILENT_AT_LEAST.toSeconds(), Math.round(SILENT_STEPS * step)));
        return run.changed().plus(patience).isAfter(now) ? State.RUNNING : State.SILENT;
    }

    /** The step of the model that came out, or, while it trains, of the best one so far. */
    OptionalInt chosen() {
        return job.map(JobTable.Entry::chosen)
                .filter(OptionalInt::isPresent)
                .or(() -> snapshot.map(Snapshot::chosen))
                .orElse(OptionalInt.empty());
    }

    /** The recipe, or the method of a job that has no run yet. */
    String kind() {
        return snapshot.map(each -> each.summary().recipe())
                .or(() -> job.map(JobTable.Entry::method))
                .orElse("");
    }

    /** The model that training begins from. */
    String model() {
        return job.map(JobTable.Entry::model)
                .or(() -> snapshot.map(each -> each.summary().model()))
                .orElse("");
    }

    /** Advice about its state. */
    String advice() {
        return job.isEmpty() && state == State.PAUSED
                ? "It was stopped in order. reft train --resume goes on from its newest checkpoint, exactly."
                : state.advice();
    }

    /** The time of the newest sign of life. */
    Instant moved() {
        Instant run = snapshot.map(Snapshot::changed).orElse(Instant.EPOCH);
        Instant table = job.map(entry -> entry.finished().or(entry::started).orElse(entry.created()))
                .orElse(Instant.EPOCH);
        return run.isAfter(table) ? run : table;
    }

    /**
     * A state that it was in.
     *
     * @param detail time or figure; empty where there is none
     * @param current true if it is in it now
     */
    record Stage(String name, String detail, boolean current) {}

    /** The way that it took through its states. */
    List<Stage> stages() {
        List<Stage> stages = new ArrayList<>();
        job.ifPresent(entry -> {
            stages.add(new Stage("created", Text.time(entry.created()), state == State.CHECKING));
            stages.add(new Stage(
                    "queued",
                    entry.place().isPresent()
                            ? "place " + entry.place().getAsInt()
                            : entry.started().isPresent() || state.over() ? "" : "waits",
                    state == State.QUEUED));
            entry.started().ifPresent(time -> stages.add(new Stage("started", Text.time(time), false)));
        });
        if (state == State.RUNNING && snapshot.isEmpty()) {
            stages.add(new Stage("loading the model", "the first step follows", true));
        }
        snapshot.ifPresent(run -> stages.add(new Stage(
                "step " + run.summary().steps() + (run.steps() > 0 ? " of " + run.steps() : ""),
                state == State.RUNNING && !Double.isNaN(run.secondsLeft())
                        ? "about " + Text.duration(run.secondsLeft()) + " left"
                        : Text.duration(run.summary().seconds()) + " of training",
                state == State.RUNNING)));
        if (state.over()) {
            stages.add(new Stage(state.words(), Text.time(moved()), true));
        }
        return stages;
    }
}
