package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.train.run.Run.Checkpoint;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunReader.Measured;
import org.reft4j.train.run.RunReader.Warning;

/** The page of a job. */
record JobPage(
        Work work,
        List<Advice> advice,
        List<Gauge> health,
        List<Event> events,
        List<Saved> checkpoints,
        Map<String, String> settings,
        List<Fact> facts) {
    private static final int EVENTS = 200;

    /**
     * Something that happened.
     *
     * @param when time or step
     * @param level {@code info}, {@code warn} or {@code error}
     */
    record Event(String when, String level, String message) {}

    /**
     * A checkpoint.
     *
     * @param reward its mean reward on validation; a dash where it was not measured
     * @param right its share of right answers there
     * @param chosen true for the one that validation chose
     * @param answers true if its answers to validation questions were kept
     * @param chat true if it is a model to chat with, or if the page to chat says how it becomes one
     * @param folder for commands
     */
    record Saved(int step, String reward, String right, boolean chosen, boolean answers, boolean chat, String folder) {}

    /**
     * A name with its value.
     *
     * @param link to a page about it; empty for none
     */
    record Fact(String name, String value, String link) {
        Fact(String name, String value) {
            this(name, value, "");
        }
    }

    /** @param models names of the models that its checkpoints are, by step */
    static JobPage of(Work work, List<JobTable.Happening> happenings, Map<String, String> models) {
        Optional<Snapshot> run = work.snapshot();
        return new JobPage(
                work,
                run.map(Advice::of).orElse(List.of()),
                run.map(Gauge::of).orElse(List.of()),
                events(happenings, run),
                run.map(each -> checkpoints(each, work, models)).orElse(List.of()),
                run.map(Snapshot::settings).orElse(Map.of()),
                facts(work));
    }

    private static List<Event> events(List<JobTable.Happening> happenings, Optional<Snapshot> run) {
        List<Event> events = new ArrayList<>();
        happenings.forEach(each -> events.add(new Event(Text.moment(each.at()), each.level(), each.message())));
        if (run.isPresent() && happenings.isEmpty()) {
            List<Map.Entry<Integer, Event>> ofRun = new ArrayList<>();
            for (Measured each : run.get().evaluations()) {
                ofRun.add(Map.entry(
                        each.step(),
                        new Event(
                                "step " + each.step(),
                                "info",
                                "Measured on " + each.split() + " questions: " + each.correct() + " of " + each.total()
                                        + " right, " + Text.percent(each.accuracy()) + ".")));
            }
            for (Warning each : run.get().warnings()) {
                ofRun.add(Map.entry(each.step(), new Event("step " + each.step(), "warn", each.message())));
            }
            ofRun.sort(Comparator.comparing((Map.Entry<Integer, Event> entry) -> entry.getKey())
                    .reversed());
            run.get()
                    .outcome()
                    .ifPresent(outcome -> events.add(new Event(
                            Text.time(run.get().changed()),
                            outcome == RunEvent.Outcome.DONE ? "info" : "warn",
                            "The run ended: " + outcome.word() + ".")));
            ofRun.forEach(entry -> events.add(entry.getValue()));
        }
        return events.subList(0, Math.min(EVENTS, events.size()));
    }

    private static List<Saved> checkpoints(Snapshot run, Work work, Map<String, String> models) {
        List<Saved> saved = new ArrayList<>();
        for (Checkpoint each : run.checkpoints().reversed()) {
            Optional<Measured> measured = run.validation().stream()
                    .filter(found -> found.step() == each.step())
                    .reduce((_, last) -> last);
            saved.add(new Saved(
                    each.step(),
                    measured.map(found -> Text.number(found.reward())).orElse("–"),
                    measured.map(found -> Text.percent(found.accuracy())).orElse("–"),
                    work.chosen().isPresent() && work.chosen().getAsInt() == each.step(),
                    measured.isPresent(),
                    work.job().isEmpty() || models.containsKey(Integer.toString(each.step())),
                    each.folder().toString()));
        }
        return saved;
    }

    private static List<Fact> facts(Work work) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("method", work.kind()));
        facts.add(new Fact("model", Text.model(work.model())));
        work.job().ifPresent(job -> {
            file(facts, "training file", job.asked().path("training_file").asText(""));
            file(facts, "validation file", job.asked().path("validation_file").asText(""));
        });
        work.snapshot().ifPresent(run -> {
            if (work.job().isEmpty()) {
                facts.add(new Fact("data", run.summary().data()));
            }
            run.summary()
                    .reward()
                    .ifPresent(reward -> facts.add(
                            new Fact("reward", Text.number(reward.first()) + " → " + Text.number(reward.last()))));
            run.summary()
                    .best()
                    .ifPresent(best -> facts.add(new Fact(
                            "best on validation, step " + best.step(),
                            Text.percent(best.accuracy()) + " right (95 % interval " + Text.percent(best.low()) + " to "
                                    + Text.percent(best.high()) + ")"
                                    + (Double.isNaN(best.reward()) ? "" : ", reward " + Text.number(best.reward())))));
            facts.add(new Fact("machine time", Text.duration(run.summary().seconds())));
            if (run.summary().sampled() > 0) {
                facts.add(new Fact("tokens sampled", Text.count(run.summary().sampled())));
            }
            if (run.summary().trained() > 0) {
                facts.add(new Fact("tokens trained on", Text.count(run.summary().trained())));
            }
        });
        work.job().ifPresent(job -> {
            facts.add(new Fact("tries", Integer.toString(job.attempts())));
            job.result()
                    .ifPresent(result ->
                            facts.add(new Fact("trained model", result, "/chat?run=" + Text.encoded(job.id()))));
        });
        return facts;
    }

    private static void file(List<Fact> facts, String name, String id) {
        if (!id.isEmpty()) {
            facts.add(new Fact(name, id, "/data/" + Text.segment(id)));
        }
    }

    /** The request that made the job; empty for a run of the command line. */
    String request() {
        return work.job().map(JobTable.Entry::request).orElse("");
    }

    /** The reason why it failed; empty if it did not. */
    String error() {
        return work.job().flatMap(JobTable.Entry::error).orElse("");
    }

    boolean canPause() {
        return work.job().isPresent() && (work.state() == State.RUNNING || work.state() == State.QUEUED);
    }

    boolean canResume() {
        return work.job().isPresent() && work.state() == State.PAUSED;
    }

    boolean canCancel() {
        return work.job().isPresent() && (!work.state().over() || work.state() == State.PAUSED);
    }
}
