package org.reft4j.train.recipe;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Supervised fine-tuning (ReFT, section 3.1, equation 1): batch of annotated questions, cross-entropy on the chain of
 * thought and its end, one optimiser step.
 */
final class SftRecipe implements Recipe<SftConfig> {

    @Override
    public void run(SftConfig config, Run run, GraderTools tools) {
        try (Setup setup = Setup.open(config, run, tools);
                PolicyModel model = setup.policy(run.latest());
                AdamW optimizer = new AdamW(model.trained(), List.of(), 1, config.optimizer())) {
            MicroBatches parts = setup.microBatches(model);
            run.latest().ifPresent(checkpoint -> TrainerState.restore(optimizer, checkpoint));
            Guards guards = new Guards(optimizer);
            Seeds seeds = new Seeds(config.seed());
            List<Row> rows = rows(setup, config);
            int stepsPerEpoch = Math.ceilDiv(rows.size(), config.batch());
            int steps = (int) Math.ceil(config.epochs() * stepsPerEpoch);
            Setup.Keep keep =
                    (step, score) -> setup.save(step, score, model, optimizer, parts.save(TrainerState.empty()));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, steps, "sft"));

            for (int step = first; step <= steps; step++) {
                long begin = System.nanoTime();
                parts.begin(step);
                // 1. The next rows of this epoch's order.
                int epoch = (step - 1) / stepsPerEpoch;
                int[] order = seeds.permutation(rows.size(), Seeds.Purpose.SHUFFLE, epoch);
                int from = (step - 1) % stepsPerEpoch * config.batch();
                List<Row> batch = new ArrayList<>();
                for (int i = from; i < Math.min(rows.size(), from + config.batch()); i++) {
                    batch.add(rows.get(order[i]));
                }

                // 2. Mean cross-entropy over all completion tokens of the batch; gradients add up over its parts.
                double loss = parts.fit(tokens -> {
                    optimizer.zeroGradients();
                    return CrossEntropy.backward(batch, 1, tokens, model);
                });
                guards.finite("loss", loss, step);

                // 3. One step of the optimiser.
                double rate = config.optimizer().rate(step, steps);
                double gradientNorm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                guards.changed(rate, gradientNorm, run, step);

                Map<String, Double> metrics = new LinkedHashMap<>();
                metrics.put("loss", loss);
                metrics.put("learning-rate", rate);
                metrics.put("gradient-norm", gradientNorm);
                metrics.put(
                        "tokens", (double) batch.stream().mapToInt(Row::length).sum());
                metrics.put("epoch", (double) step / stepsPerEpoch);
                double seconds = (System.nanoTime() - begin) / 1e9;
                run.emit(new RunEvent.Stepped(
                        step,
                        steps,
                        metrics,
                        Map.of("seconds", seconds, "train-tokens-per-second", metrics.get("tokens") / seconds)));

                // 4. Measure, keep, end.
                if (setup.stops(step, steps, model, keep)) {
                    return;
                }
            }
            run.emit(new RunEvent.Finished(steps, "done"));
        }
    }

    private static List<Row> rows(Setup setup, SftConfig config) {
        Targets targets = new Targets(setup.prompts(), setup.rowTokens(config.maxTokens()));
        List<Row> rows = setup.data().train().stream()
                .flatMap(question -> targets.annotated(question).stream())
                .toList();
        if (rows.isEmpty()) {
            throw new ConfigException("data has no annotated training question that fits into max-tokens "
                    + targets.maxTokens() + "; supervised training needs chains of thought");
        }
        return rows;
    }
}
