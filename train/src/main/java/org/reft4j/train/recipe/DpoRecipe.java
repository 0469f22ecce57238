package org.reft4j.train.recipe;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.loss.PreferenceConfig;
import org.reft4j.train.loss.PreferenceLoss;
import org.reft4j.train.loss.SequenceSums;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Direct preference optimisation (Rafailov et al. 2023, arXiv:2305.18290) and its relatives: the policy learns to prefer the right one of two
 * stored samples of a question more than the frozen model that it began as.
 */
final class DpoRecipe implements Recipe<DpoConfig> {

    @Override
    public void run(DpoConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools)) {
            List<Pairs.Pair> pairs = pairs(config, setup, run);
            Optional<double[]> reference = ReferenceScores.of(Pairs.rows(pairs), config.model(), setup, run);
            if (reference.isEmpty()) {
                run.emit(new RunEvent.Finished(0, "stopped"));
                return;
            }
            train(pairs, reference.get(), config, setup, run);
        }
    }

    /** The pairs that are learned from. */
    static List<Pairs.Pair> pairs(DpoConfig config, Setup setup, Run run) {
        SampleRows rows = new SampleRows(setup.prompts(), setup.rowTokens(config.maxTokens()));
        return Pairs.of(setup.samples(config), config, rows, run);
    }

    /** @param reference of the chosen rows of all pairs, then of the rejected ones */
    private static void train(List<Pairs.Pair> pairs, double[] reference, DpoConfig config, Setup setup, Run run) {
        try (PolicyModel model = setup.policy(run.latest());
                AdamW optimizer = new AdamW(model.trained(), List.of(), 1, config.optimizer())) {
            MicroBatches parts = setup.microBatches(model);
            run.latest().ifPresent(checkpoint -> TrainerState.restore(optimizer, checkpoint));
            Guards guards = new Guards(optimizer);
            Seeds seeds = new Seeds(config.seed());
            EpochBatches batches = new EpochBatches(pairs.size(), config.batch(), config.epochs());
            int steps = batches.steps();
            Setup.Keep keep =
                    (step, score) -> setup.save(step, score, model, optimizer, parts.save(TrainerState.empty()));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, steps, "dpo"));
            setup.begin(first, model, keep);

            for (int step = first; step <= steps; step++) {
                long begin = System.nanoTime();
                parts.begin(step);
                // 1. The next pairs of this epoch's order.
                int[] batch = batches.items(step, seeds);

                // 2. What the policy has still to learn of them; gradients add up over its parts.
                PreferenceMetrics metrics = parts.fit(tokens -> {
                    optimizer.zeroGradients();
                    PreferenceMetrics sum =
                            new PreferenceMetrics(config.preference().beta());
                    List<Pairs.Pair> chosen =
                            Arrays.stream(batch).mapToObj(pairs::get).toList();
                    for (int[] group : Pairs.groups(chosen, tokens)) {
                        int[] places = Arrays.stream(group).map(i -> batch[i]).toArray();
                        accumulate(pairs, places, reference, batch.length, model, config.preference(), sum);
                    }
                    return sum;
                });
                guards.finite("loss", metrics.loss(), step);

                // 3. One step of the optimiser.
                double rate = config.optimizer().rate(step, steps);
                double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                guards.changed(rate, norm, run, step);

                Map<String, Double> figures = metrics.values();
                double seconds = (System.nanoTime() - begin) / 1e9;
                run.emit(new BatchFigures(figures, rate, norm, batches.epoch(step), seconds).at(step, steps));

                // 4. Measure, keep, end.
                if (setup.stops(step, steps, model, keep)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(steps, "done"));
        }
    }

    /** Forward and backward of some pairs of a batch. */
    private static void accumulate(
            List<Pairs.Pair> pairs,
            int[] places,
            double[] reference,
            int batch,
            PolicyModel model,
            PreferenceConfig config,
            PreferenceMetrics sum) {
        try (var _ = NativeScope.open()) {
            List<Row> rows =
                    Pairs.rows(Arrays.stream(places).mapToObj(pairs::get).toList());
            int[] lengths = Pairs.lengths(rows);
            float[] frozen = new float[rows.size()];
            float[] sizes = new float[rows.size()];
            for (int i = 0; i < rows.size(); i++) {
                int side = i < places.length ? 0 : pairs.size();
                frozen[i] = (float) reference[side + places[i % places.length]];
                sizes[i] = lengths[i];
            }
            Tensor before = Tensors.floats(frozen, frozen.length);
            Tensor tokens = Tensors.floats(sizes, sizes.length);
            model.backward(Rows.of(rows), scores -> {
                Tensor policy = SequenceSums.of(scores.logprobs(), lengths);
                PreferenceLoss loss = PreferenceLoss.of(policy, before, tokens, config);
                sum.add(loss, policy, before, lengths);
                return loss.losses().sum().mul(Tensors.scalar(1.0 / batch));
            });
        }
    }
}
