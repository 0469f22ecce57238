package org.reft4j.train.recipe;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.model.PolicyModel;
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
            EpochBatches batches = new EpochBatches(rows.size(), config.batch(), config.epochs());
            int steps = batches.steps();
            Setup.Keep keep =
                    (step, score) -> setup.save(step, score, model, optimizer, parts.save(TrainerState.empty()));
            int first = run.latest().map(Run.Checkpoint::step).orElse(0) + 1;
            run.emit(new RunEvent.Started(first - 1, steps, "sft"));
            // A new model answers nothing, and takes longest to say so. The start is measured and not kept: supervised
            // training hands on what it has trained.
            if (config.model().fresh() == null) {
                setup.begin(first, model, Setup.Keep.NOTHING);
            }

            for (int step = first; step <= steps; step++) {
                long begin = System.nanoTime();
                parts.begin(step);
                // 1. The next rows of this epoch's order.
                int[] batch = batches.items(step, seeds);
                List<Row> some = Arrays.stream(batch).mapToObj(rows::get).toList();

                // 2. Mean cross-entropy over all completion tokens of the batch; gradients add up over its parts.
                double loss = parts.fit(tokens -> {
                    optimizer.zeroGradients();
                    return CrossEntropy.backward(some, 1, tokens, model);
                });
                guards.finite("loss", loss, step);

                // 3. One step of the optimiser.
                double rate = config.optimizer().rate(step, steps);
                double norm = guards.finite("gradient norm", optimizer.clipAndStep(rate), step);
                guards.changed(rate, norm, run, step);

                Map<String, Double> figures = new LinkedHashMap<>();
                figures.put("loss", loss);
                figures.put(
                        "tokens", (double) some.stream().mapToInt(Row::length).sum());
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

    /** The annotated rows. */
    static List<Row> rows(Setup setup, SftConfig config) {
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
