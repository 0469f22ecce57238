package org.reft4j.train.job;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.ConfigException;
import org.reft4j.train.algorithm.Recipe;
import org.reft4j.train.algorithm.Recipes;
import org.reft4j.train.learn.BatchArithmetic;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.RunTexts;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Step;
import org.reft4j.train.learn.Targets;
import org.reft4j.train.learn.Trainer;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.OptimizerConfig;
import org.reft4j.train.settings.PolicySettings;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RunSettings;
import org.reft4j.train.settings.UpdateSize;

/** Supervised fine-tuning that begins with the shortest rows: a recipe of one file, as {@code CONTRIBUTING.md} describes it. */
final class ShortestFirstRecipe implements Recipe<ShortestFirstRecipe.Settings> {
    static final Recipes.Entry<Settings> ENTRY = new Recipes.Entry<>(
            "shortest-first",
            "supervised fine-tuning that begins with the shortest rows",
            Settings.class,
            Settings.DEFAULTS,
            new ShortestFirstRecipe());

    /** @param rows rows of an update */
    public record Settings(
            @JsonUnwrapped RunSettings run, @JsonUnwrapped PolicySettings policy, int steps, int rows)
            implements RecipeConfig {
        static final Map<String, Object> DEFAULTS = RecipeConfig.defaults(
                "shortest-first",
                Map.of("rows", 4, "optimizer", OptimizerConfig.SFT, "evaluate", EvaluateConfig.DEFAULT));

        public Settings {
            ConfigException.check(steps > 0, "steps", steps, "a positive number");
            ConfigException.check(rows > 0, "rows", rows, "a positive number");
        }

        @Override
        public UpdateSize update() {
            return new UpdateSize(rows, policy.evaluate().maxTotalTokens());
        }
    }

    @Override
    public void run(Settings config, Run run, GraderTools tools) {
        try (Trainer trainer = Trainer.open("shortest-first", config, run, tools);
                Learner model = trainer.policy()) {
            List<Row> rows = rows(config, trainer.setup());
            for (Step step : trainer.steps(config.steps())) {
                int from = Math.min((step.number() - 1) * config.rows(), rows.size() - config.rows());
                double loss = model.crossEntropy(rows.subList(from, from + config.rows()), 1);
                step.update(model, loss, Map.of("loss", loss));
                step.figure("longest", rows.get(from + config.rows() - 1).length());
                if (!step.end()) {
                    return;
                }
            }
        }
    }

    @Override
    public void plan(Settings config, Dataset data, BatchArithmetic plan) {
        plan.say("%d steps of %d rows each, the shortest first", config.steps(), config.rows());
        plan.count("steps", config.steps());
        plan.oneUpdateEach();
        plan.takes(0, (double) config.steps() * config.rows(), config.steps());
    }

    @Override
    public RunTexts texts(Settings config, Setup setup, Run run) {
        return RunTexts.learned(
                "rows", rows(config, setup), setup.rowTokens(config.evaluate().maxTotalTokens()));
    }

    private static List<Row> rows(Settings config, Setup setup) {
        Targets targets =
                new Targets(setup.prompts(), setup.rowTokens(config.evaluate().maxTotalTokens()));
        List<Row> rows = setup.data().train().stream()
                .flatMap(question -> targets.annotated(question).stream())
                .sorted(Comparator.comparingInt(Row::length))
                .toList();
        ConfigException.check(rows.size() >= config.rows(), "rows", config.rows(), "at most " + rows.size());
        return rows;
    }
}
