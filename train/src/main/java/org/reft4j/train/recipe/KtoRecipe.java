package org.reft4j.train.recipe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.ConfigException;
import org.reft4j.train.loss.KtoLoss;
import org.reft4j.train.loss.KtoWeights;
import org.reft4j.train.loss.SequenceSums;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Kahneman-Tversky optimisation (Ethayarajh et al. 2024, arXiv:2402.01306): the policy learns to write right samples more and wrong ones less
 * often than the frozen model that it began as, measured from how far it has moved in all.
 */
final class KtoRecipe implements Recipe<KtoConfig> {

    @Override
    public void run(KtoConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools)) {
            List<WeightedRow> samples = samples(config, setup, run);
            // The completions by themselves, then each behind the prompt of another question.
            List<Row> rows =
                    new ArrayList<>(samples.stream().map(WeightedRow::row).toList());
            rows.addAll(mismatched(samples, config, setup));
            Optional<double[]> reference = ReferenceScores.of(rows, config.model(), setup, run);
            if (reference.isEmpty()) {
                run.emit(new RunEvent.Finished(0, "stopped"));
                return;
            }
            train(samples, rows, reference.get(), config, setup, run);
        }
    }

    /** The completions that are learned from. */
    static List<WeightedRow> samples(KtoConfig config, Setup setup, Run run) {
        return WeightedRow.of(
                setup.samples(config),
                config,
                config.samplesPerQuestion(),
                double[]::clone,
                new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens())),
                run);
    }

    static List<Row> mismatched(List<WeightedRow> samples, KtoConfig config, Setup setup) {
        return mismatched(samples, new Seeds(config.seed()), config, setup.rowTokens(config.maxTokens()));
    }

    /**
     * To each sample's prompt the completion of a sample of another question, the next such in a random order of all; cut where the row would
     * be too long.
     *
     * @throws ConfigException if all are of one question
     */
    static List<Row> mismatched(List<WeightedRow> samples, Seeds seeds, KtoConfig config, int maxTokens) {
        int size = samples.size();
        int[] order = seeds.permutation(size, Seeds.Purpose.KEEP);
        Row[] rows = new Row[size];
        for (int i = 0; i < size; i++) {
            WeightedRow sample = samples.get(order[i]);
            int next = 1;
            while (next < size && samples.get(order[(i + next) % size]).question() == sample.question()) {
                next++;
            }
            if (next >= size) {
                throw new ConfigException("samples.path is " + config.samples().path()
                        + ", which holds samples of one question only; KTO needs those of others to compare with");
            }
            WeightedRow other = samples.get(order[(i + next) % size]);
            Tokens completion = other.row().completion();
            int room = maxTokens - sample.row().prompt().size();
            rows[order[i]] = new Row(sample.row().prompt(), completion.slice(0, Math.min(room, completion.size())));
        }
        return List.of(rows);
    }

    /**
     * @param rows of the samples, then the mismatched ones
     * @param reference of the rows
     */
    private static void train(
            List<WeightedRow> samples, List<Row> rows, double[] reference, KtoConfig config, Setup setup, Run run) {
        try (PolicyModel model = setup.policy(run.latest());
                AdamW optimizer = new AdamW(model.trained(), List.of(), 1, config.optimizer())) {
            MicroBatches parts = setup.microBatches(model);
            run.latest().ifPresent(checkpoint -> TrainerState.restore(optimizer, checkpoint));
            Guards guards = new Guards(optimizer);
            Seeds seeds = new Seeds(config.seed());
            EpochBatches batches = new EpochBatches(samples.size(), config.batch(), config.epochs());
            int steps = batches.steps();
            Setup.Keep keep =
                    (step, score) -> setup.save(step, score, model, optimizer, parts.save(TrainerState.empty()));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, steps, "kto"));
            setup.begin(first, model, keep);

            for (int step = first; step <= steps; step++) {
                long begin = System.nanoTime();
                parts.begin(step);
                // 1. The next completions of this epoch's order.
                int[] batch = batches.items(step, seeds);

                // 2. How far the policy has moved, by completions of other questions.
                int[] others = Arrays.stream(batch).map(i -> samples.size() + i).toArray();
                double[] moved = parts.fit(tokens -> ReferenceScores.sums(pick(rows, others), model, tokens));
                double point = KtoLoss.point(moved, pick(reference, others));

                // 3. What the policy has still to learn; gradients add up over its parts.
                KtoMetrics metrics = parts.fit(tokens -> {
                    optimizer.zeroGradients();
                    KtoMetrics sum = new KtoMetrics();
                    for (int[] group : Rows.groups(pick(rows, batch), tokens)) {
                        int[] places = Arrays.stream(group).map(i -> batch[i]).toArray();
                        accumulate(samples, places, reference, point, batch.length, model, config.kto(), sum);
                    }
                    return sum;
                });
                guards.finite("loss", metrics.loss / batch.length, step);

                // 4. One step of the optimiser.
                double rate = config.optimizer().rate(step, steps);
                double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                guards.changed(rate, norm, run, step);

                Map<String, Double> figures = metrics.values();
                figures.put("kl-point", point);
                double seconds = (System.nanoTime() - begin) / 1e9;
                run.emit(new BatchFigures(figures, rate, norm, batches.epoch(step), seconds).at(step, steps));

                // 5. Measure, keep, end.
                if (setup.stops(step, steps, model, keep)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(steps, "done"));
        }
    }

    /** Forward and backward of some completions of a batch. */
    private static void accumulate(
            List<WeightedRow> samples,
            int[] places,
            double[] reference,
            double point,
            int batch,
            PolicyModel model,
            KtoWeights weights,
            KtoMetrics sum) {
        try (var _ = NativeScope.open()) {
            List<WeightedRow> some =
                    Arrays.stream(places).mapToObj(samples::get).toList();
            List<Row> rows = some.stream().map(WeightedRow::row).toList();
            boolean[] right = new boolean[places.length];
            float[] frozen = new float[places.length];
            for (int i = 0; i < places.length; i++) {
                right[i] = some.get(i).right();
                frozen[i] = (float) reference[places[i]];
            }
            int[] lengths = Pairs.lengths(rows);
            model.backward(Rows.of(rows), scores -> {
                Tensor policy = SequenceSums.of(scores.logprobs(), lengths);
                Tensor losses = KtoLoss.of(policy, Tensors.floats(frozen, frozen.length), right, point, weights);
                sum.add(Tensors.toFloats(losses.detach()), Tensors.toFloats(policy.detach()), frozen, right);
                return losses.sum().mul(Tensors.scalar(1.0 / batch));
            });
            sum.tokens += rows.stream().mapToLong(Row::length).sum();
        }
    }

    private static List<Row> pick(List<Row> rows, int[] places) {
        return Arrays.stream(places).mapToObj(rows::get).toList();
    }

    private static double[] pick(double[] values, int[] places) {
        return Arrays.stream(places).mapToDouble(i -> values[i]).toArray();
    }

    /** What is reported of a batch: sums of its right and of its wrong completions. */
    private static final class KtoMetrics {
        private final int[] counts = new int[2];
        private final double[] logprobs = new double[2];
        private final double[] ratios = new double[2];
        private double loss;
        private long tokens;

        void add(float[] losses, float[] policy, float[] reference, boolean[] right) {
            for (int i = 0; i < losses.length; i++) {
                int side = right[i] ? 0 : 1;
                counts[side]++;
                logprobs[side] += policy[i];
                ratios[side] += policy[i] - reference[i];
                loss += losses[i];
            }
        }

        /** A mean of none is left out. */
        Map<String, Double> values() {
            int all = counts[0] + counts[1];
            Map<String, Double> values = new LinkedHashMap<>();
            values.put("loss", loss / all);
            for (int side = 0; side < 2; side++) {
                if (counts[side] > 0) {
                    String name = side == 0 ? "right" : "wrong";
                    values.put("logprob-" + name, logprobs[side] / counts[side]);
                    values.put("log-ratio-" + name, ratios[side] / counts[side]);
                }
            }
            if (counts[0] > 0 && counts[1] > 0) {
                values.put("margin", ratios[0] / counts[0] - ratios[1] / counts[1]);
            }
            values.put("kl-samples", -(ratios[0] + ratios[1]) / all);
            values.put("right", (double) counts[0] / all);
            values.put("tokens", (double) tokens);
            return values;
        }
    }
}
