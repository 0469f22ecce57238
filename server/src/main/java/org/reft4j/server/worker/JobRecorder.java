package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.store.JobEvent;
import org.reft4j.server.store.JobEvent.Draft;
import org.reft4j.server.store.JobModel;
import org.reft4j.server.store.LeasedJob;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.StoredFiles;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

/**
 * Puts what a run tells into the database as its job's events, figures and checkpoints. A run that was killed tells of its last steps again;
 * their figures are the same, and each event is kept once.
 *
 * <p>The figures of a step are stored before the checkpoint that follows it, so that no step is without them.
 */
final class JobRecorder implements RunListener {
    private static final int KEPT = 3;
    private static final long TABLE_EVERY_NS = 2_000_000_000L;
    /** A gap between training and validation reward above which memorising is likely. */
    private static final double GAP = 0.1;

    private final JobPlan plan;
    private final LeasedJob job;
    private final StoredFiles files;
    private final JobFolder folder;
    private final Runnable pause;
    private final StepFigures figures;
    private final ResultTable table;

    private List<KeptRollout> rollouts = List.of();
    private RunEvent.@Nullable Stepped stepped;
    private int steps;
    private @Nullable String resultFile;
    private long written;
    private volatile boolean pausing;
    private boolean done;
    private int lastStep;

    /**
     * @param pause called after a step where the job's owner wants it to pause
     * @param before figures of steps that earlier workers did
     * @param resultFile the table's file, where an earlier worker made it
     */
    JobRecorder(
            JobPlan plan,
            LeasedJob job,
            StoredFiles files,
            JobFolder folder,
            Runnable pause,
            List<ObjectNode> before,
            @Nullable String resultFile) {
        this.plan = plan;
        this.job = job;
        this.files = files;
        this.folder = folder;
        this.pause = pause;
        this.figures = new StepFigures(plan);
        this.table = new ResultTable(plan.reinforcement());
        this.resultFile = resultFile;
        before.forEach(table::put);
    }

    /** The owner of the job wants it to pause: the checkpoint at which it stops is kept as a model. */
    void pausing() {
        pausing = true;
    }

    /** True if all steps are done. */
    boolean done() {
        return done;
    }

    /** The last step that is done. */
    int lastStep() {
        return lastStep;
    }

    @Override
    public synchronized void on(RunEvent event) {
        switch (event) {
            case RunEvent.Started started -> {
                steps = started.steps();
                lastStep = started.step();
                // A worker may have been killed between writing a checkpoint and telling of it.
                RunReader.of(folder.run()).checkpoints().forEach(each -> saved(each.step(), each.folder()));
            }
            case RunEvent.RolledOut rolledOut -> rollouts = rolledOut.rollouts();
            case RunEvent.Stepped step -> {
                stepped = step;
                steps = step.steps();
                lastStep = step.step();
                if (!plan.measures(step.step(), steps)) {
                    tellStep(null);
                }
            }
            case RunEvent.Evaluated evaluated -> evaluated(evaluated.step(), evaluated.evaluation());
            case RunEvent.Saved saved -> saved(saved.step(), saved.folder());
            case RunEvent.Warned warned ->
                job.tell(Draft.warn(sentence(warned.message()))
                        .once("warning " + warned.step() + " " + warned.message()));
            case RunEvent.Noted noted ->
                job.tell(Draft.info(sentence(noted.message())).once("note " + noted.message()));
            case RunEvent.Finished finished -> done = finished.outcome() == RunEvent.Outcome.DONE;
            case RunEvent.Progress _ -> {}
        }
    }

    private static String sentence(String words) {
        return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private void evaluated(int step, Evaluation measured) {
        if (step > 0 && stepped != null) {
            tellStep(measured);
            return;
        }
        ObjectNode data = figures.baseline(measured);
        table.put(data);
        job.tell(new Draft(JobEvent.Level.INFO, figures.message(data), data, key(step)));
        unusable(measured);
    }

    /** Warns where no answer differs from the others before training: OpenAI's guide asks for some good ones, and not all. */
    private void unusable(Evaluation measured) {
        if (!plan.reinforcement()) {
            return;
        }
        Set<Double> rewards = measured.answers().stream()
                .map(Evaluation.Answered::reward)
                .filter(Double::isFinite)
                .collect(Collectors.toCollection(HashSet::new));
        if (rewards.size() == 1 && measured.total() > 1) {
            job.tell(Draft.warn(
                            "Before training every validation answer has the reward "
                                    + rewards.iterator().next()
                                    + "; a model learns from differences, so look at the grader (graders/run) and at the questions")
                    .once("flat start"));
        }
    }

    private void tellStep(@Nullable Evaluation measured) {
        RunEvent.Stepped step = stepped;
        if (step == null) {
            return;
        }
        ObjectNode data = figures.of(step, rollouts, measured);
        table.put(data);
        List<Draft> events = new ArrayList<>();
        events.add(new Draft(JobEvent.Level.INFO, figures.message(data), data, key(step.step())));
        double gap = data.path("train_mean_reward").asDouble()
                - data.path("full_valid_mean_reward").asDouble();
        if (data.path("train_mean_reward").isNumber()
                && data.path("full_valid_mean_reward").isNumber()
                && gap > GAP) {
            events.add(Draft.warn(String.format(
                            Locale.ROOT,
                            "Step %d: the training reward is %.2f above the validation reward; look at the rollouts for"
                                    + " answers that please the grader without being right",
                            step.step(),
                            gap))
                    .once("gap"));
        }
        job.stepped(step.step(), step.steps(), table.tokens(), table.seconds(), events)
                .ifPresent(_ -> pause.run());
        stepped = null;
        rollouts = List.of();
        write(false);
    }

    private static String key(int step) {
        return "step " + step;
    }

    private void saved(int step, Path checkpoint) {
        boolean measured = plan.measures(step, steps);
        if (!measured && !(pausing && step > 0)) {
            job.safe();
            return;
        }
        String name = folder.modelName(step);
        ObjectNode data = table.at(step);
        JobModel model = new JobModel(
                plan.checkpoint(step),
                Secrets.id("ftckpt_"),
                plan.id(),
                plan.project(),
                System.currentTimeMillis(),
                measured ? JobModel.Kind.CHECKPOINT : JobModel.Kind.PAUSED,
                step,
                score(data),
                plan.metrics(data),
                name);
        List<JobModel> there = job.checkpoints();
        if (there.stream().anyMatch(each -> each.name().equals(model.name()) && each.kind() == model.kind())) {
            return;
        }
        List<JobModel> forgotten = forgotten(there, model);
        if (forgotten.contains(model)) {
            job.safe();
            return;
        }
        folder.takeModel(checkpoint, name);
        job.keep(
                model,
                forgotten,
                Draft.info("Checkpoint created at step " + step + ": " + model.name())
                        .once("checkpoint " + step));
        forgotten.forEach(each -> folder.dropModel(each.folder()));
    }

    /** The score by which the best are kept: the validation reward, or else the step. */
    private OptionalDouble score(ObjectNode data) {
        if (!plan.reinforcement()) {
            return OptionalDouble.empty();
        }
        return data.path("full_valid_mean_reward").isNumber()
                ? OptionalDouble.of(data.path("full_valid_mean_reward").asDouble())
                : OptionalDouble.empty();
    }

    private static List<JobModel> forgotten(List<JobModel> there, JobModel model) {
        List<JobModel> ranked = new ArrayList<>(there.stream()
                .filter(each -> each.kind() == model.kind() && !each.name().equals(model.name()))
                .toList());
        ranked.add(model);
        Comparator<JobModel> worst = JobPlan::worse;
        ranked.sort(worst.reversed());
        int kept = model.kind() == JobModel.Kind.PAUSED ? 1 : KEPT;
        return ranked.subList(Math.min(kept, ranked.size()), ranked.size());
    }

    /** Ends the job: its model is the best one that was measured, or without a measure the last one. */
    synchronized void succeed(Path last, int step) {
        write(true);
        JobModel best = job.checkpoints().stream()
                .filter(each -> each.kind() == JobModel.Kind.CHECKPOINT)
                .max(JobPlan::worse)
                .orElse(null);
        Path from = best == null ? last : folder.model(best.folder());
        int at = best == null ? step : best.step();
        String name = "jobs/" + plan.id() + "/models/final";
        folder.takeModel(from, name);
        JobModel model = new JobModel(
                plan.model(),
                Secrets.id("ftckpt_"),
                plan.id(),
                plan.project(),
                System.currentTimeMillis(),
                JobModel.Kind.FINAL,
                at,
                best == null ? OptionalDouble.empty() : best.score(),
                plan.metrics(table.at(at)),
                name);
        List<Draft> events = new ArrayList<>();
        if (at != step) {
            events.add(Draft.info("The model is that of step " + at + ", which has the best validation reward"));
        }
        events.add(Draft.info("New fine-tuned model created: " + model.name()));
        events.add(Draft.info("The job has successfully completed"));
        job.succeeded(model, events);
    }

    /** Brings the table up to date. */
    synchronized void write(boolean now) {
        if (!now && System.nanoTime() - written < TABLE_EVERY_NS) {
            return;
        }
        try {
            DurableFiles.write(folder.results(), table.csv());
            if (resultFile == null) {
                StoredFile file = files.copy(plan.project(), "step_metrics.csv", "fine-tune-results", folder.results());
                job.results(file);
                resultFile = file.id();
            } else {
                files.rewrite(resultFile, folder.results());
            }
            written = System.nanoTime();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the job's figures", e);
        }
    }
}
