package org.reft4j.train.recipe;

import java.nio.file.Path;
import java.util.List;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.ModelFamilies;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.weights.Weights;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Datasets;
import org.reft4j.task.grade.AnswerGrader;
import org.reft4j.task.grade.ProgramRunner;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.evaluate.Evaluation;
import org.reft4j.train.evaluate.Evaluator;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunListener;

/** Measures a finished model on test questions: outside of any recipe, since no recipe may see them. */
public final class Measure {
    private Measure() {}

    /**
     * Answers the test questions of a configuration's data with the model of a folder.
     *
     * @param model a checkpoint or any other model folder
     * @param watchers told of the progress
     * @param label what is measured, for the progress
     */
    public static Evaluation test(
            RecipeConfig config,
            Path model,
            ProgramRunner programs,
            int maxTotalTokens,
            int batch,
            List<RunListener> watchers,
            String label) {
        Torch.start();
        Dataset data = Datasets.open(config.data());
        ModelSource place =
                new ModelSource(model.toString(), null, config.model().compute());
        ModelSources.Source source = ModelSources.open(place, config.seed());
        try (Tokenizer tokenizer = source.tokenizer();
                Weights weights = source.weights().get();
                Decoder decoder = ModelFamilies.of(source.config())
                        .build(source.config(), weights, DType.F32, ModelSources.compute(place, source.config()))) {
            Prompts prompts = new Prompts(tokenizer, data.template(), endOfText(tokenizer, source));
            int total = data.test().size();
            return Evaluator.greedy(
                    decoder,
                    prompts,
                    data.test(),
                    new AnswerGrader(config.data().cot(), programs),
                    maxTotalTokens,
                    batch,
                    done -> watchers.forEach(watcher ->
                            watcher.on(new RunEvent.Progress(0, "testing " + label, done, total, "questions"))));
        }
    }

    /** The end-of-text token, which is never guessed. */
    static int endOfText(Tokenizer tokenizer, ModelSources.Source source) {
        return tokenizer
                .endOfText()
                .orElseThrow(
                        () -> new ConfigException("model " + source.config().source()
                                + " names no end-of-text token; add \"eos_token_id\" to its config.json"));
    }
}
