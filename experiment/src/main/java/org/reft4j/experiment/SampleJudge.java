package org.reft4j.experiment;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.reft4j.model.ClassifierConfig;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.StoredModel;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.StepAggregate;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.SampleScores;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.settings.ModelSources;

/**
 * A reward model that scores the samples of a folder; its scores are stored with them.
 *
 * @param model its checkpoint
 * @param place that it judges at
 * @param name name of its scores: other models and other types of matrix products have other names
 */
public record SampleJudge(Path model, Place place, String name) {
    /**
     * Starts the engine.
     *
     * @param compute {@code auto}, {@code f32} or {@code bf16}
     */
    public static SampleJudge of(Path model, String compute) {
        Calibration.chooseBlas();
        Torch.start();
        StoredModel stored = StoredModel.open(model);
        Place place = ModelSources.place("auto", compute, SequenceClassifier.sizes(stored.config()));
        return new SampleJudge(
                model,
                place,
                Fingerprint.of(stored) + "-" + place.products().name().toLowerCase(Locale.ROOT));
    }

    /**
     * Refuses a model that cannot judge these samples: no reward model, or one for other chains, or for whole chains alone.
     *
     * @param model the folder of a checkpoint
     * @param aggregate how its scores of steps become one
     */
    public static void check(ModelFolder model, SampleSettings samples, StepAggregate aggregate) {
        if (!ClassifierConfig.is(model.config())) {
            throw new ConfigException("reward-model is " + model.path() + ", a "
                    + model.config().architecture() + " and no reward model; train one with the recipe reward-model");
        }
        RewardModel.Kind kind = RewardModel.kind(model);
        ConfigException.check(
                kind.cot() == samples.data().kind(),
                "reward-model",
                model.path() + " (it judges " + word(kind.cot()) + " chains)",
                "one for " + word(samples.data().kind()) + " chains");
        ConfigException.check(
                kind.labels() == RewardLabels.PROCESS || aggregate == StepAggregate.LAST,
                "aggregate",
                word(aggregate),
                "last, since " + model.path() + " is an outcome reward model, which has one score");
    }

    /**
     * Refuses a reward model of another base than the model that wrote the samples.
     *
     * @return false if nobody can say, since the writer is not at the place any more that the samples record
     */
    public static boolean requireSameBase(ModelFolder model, SampleSettings samples) {
        Path writer = Path.of(samples.model().path());
        if (!Files.exists(writer)) {
            return false;
        }
        try (Tokenizer tokenizer = model.tokenizer()) {
            RewardModel.requireSameBase(model.path(), SequenceClassifier.sizes(model.config()), tokenizer, writer);
        }
        return true;
    }

    /** One score of each sample, without the greedy completion, from the scores of its steps. */
    public static List<double[]> ofSamples(SampleScores scores, StepAggregate aggregate) {
        return scores.scores().stream()
                .map(each -> each.stream().skip(1).mapToDouble(aggregate::of).toArray())
                .toList();
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Scores the samples that have no score yet, until a stop is requested. */
    public void score(
            SampleScores stored,
            List<SampledQuestion> sampled,
            PromptTemplate template,
            List<Question> questions,
            Audience audience,
            BooleanSupplier stop) {
        Torch.fit(SequenceClassifier.sizes(ModelFolder.open(model).config()).width(), place);
        try (RewardModel opened = RewardModel.open(model, place);
                Audience.Work display = audience.begin("scored", stored.complete(), sampled.size())) {
            Passages passages = opened.passages(template);
            stored.score(
                    sampled,
                    (place, chains) -> opened.scores(passages, questions.get(place), chains),
                    done -> display.at(done, 0),
                    stop);
        }
    }
}
