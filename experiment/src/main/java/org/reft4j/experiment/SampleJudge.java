package org.reft4j.experiment;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.StoredModel;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.SampleScores;
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
                model, place, Fingerprint.of(stored) + "-" + place.products().name().toLowerCase(Locale.ROOT));
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
