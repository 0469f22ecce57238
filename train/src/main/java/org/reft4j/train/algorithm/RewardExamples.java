package org.reft4j.train.algorithm;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.SequenceClassifier.Passage;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.LabelledPassage;
import org.reft4j.train.learn.SampleOrigin;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.sample.StepLabels;
import org.reft4j.train.settings.StepLabelSource;

/**
 * Samples that teach a reward model, and samples of other questions that measure it.
 *
 * @param taught at least one right and one wrong
 * @param heldOut the held-out samples by question; possibly none
 */
public record RewardExamples(List<LabelledPassage> taught, List<List<LabelledPassage>> heldOut) {
    /** The samples of a run, whose model is of the base of the model that wrote them as far as that can be told. */
    static RewardExamples of(RewardModelSettings config, Setup setup, Run run) {
        requireSameBase(config, setup, run);
        return of(config, setup.data(), setup.prompts(), setup.rowTokens(config.maxTokens()));
    }

    /**
     * Reads the samples, and with {@code labels: process} the labels of their steps.
     *
     * @param maxTokens longest row in tokens
     * @throws ConfigException if samples and data do not belong together, or the samples are all right or all wrong
     */
    static RewardExamples of(RewardModelSettings config, Dataset data, Prompts prompts, int maxTokens) {
        Path folder = Path.of(config.samples().path());
        if (SampleSource.isRun(folder)) {
            return ofRun(config, data, prompts, maxTokens);
        }
        List<SampledQuestion> sampled = SampleReader.questions(folder);
        requireSameData(folder, config.data().cot());
        Map<String, Question> byId =
                data.train().stream().collect(Collectors.toMap(Question::id, Function.identity(), (a, _) -> a));
        sampled.forEach(question -> asked(question, byId, folder));
        requireSameQuestions(folder, data.train());
        Passages passages = new Passages(prompts, config.labels(), config.data().cot(), maxTokens);
        StepLabelSource steps = config.steps();
        Map<String, List<StepLabels.Chain>> chains = steps == null
                ? Map.of()
                : StepLabels.read(
                        Path.of(steps.path()),
                        data.train(),
                        config.data().cot(),
                        steps.estimate() == StepLabelSource.Estimate.SOFT);
        return divided(config, sampled, question -> {
            Question asked = asked(question, byId, folder);
            return config.labels() == RewardLabels.OUTCOME
                    ? outcomes(question, config.samples().perQuestion(), chain -> passages.of(asked, chain))
                    : steps(chains.getOrDefault(asked.id(), List.of()), asked, passages);
        });
    }

    /** From the rollouts of a run, as its own grader judged them. */
    private static RewardExamples ofRun(RewardModelSettings config, Dataset data, Prompts prompts, int maxTokens) {
        Path folder = Path.of(config.samples().path());
        ConfigException.check(
                config.labels() == RewardLabels.OUTCOME,
                "samples.path",
                folder + ", the folder of a run",
                "a folder of reft sample with labels: process, whose steps reft steps has labelled");
        SampleOrigin.requireTrueGrades(folder);
        SampleOrigin.requireCot(config.data().cot(), folder);
        Passages passages = new Passages(prompts, config.labels(), config.data().cot(), maxTokens);
        List<List<ScoredSample>> sampled = SampleSource.read(folder, data.train());
        return divided(
                config,
                sampled,
                samples -> examples(
                        samples,
                        config.samples().perQuestion(),
                        sample -> new Sample(sample.text(), sample.graded(), sample.right()),
                        chain -> passages.of(samples.getFirst().question(), chain)));
    }

    /** Some questions to learn from, and some to be measured by. */
    private static <Q> RewardExamples divided(
            RewardModelSettings config, List<Q> sampled, Function<Q, List<LabelledPassage>> examples) {
        int[] order = new Seeds(config.seed()).permutation(sampled.size(), Seeds.Purpose.KEEP);
        int measuring = (int) Math.ceil(config.samples().heldOut() * sampled.size());
        List<LabelledPassage> taught = new ArrayList<>();
        List<List<LabelledPassage>> heldOut = new ArrayList<>();
        for (int i = 0; i < sampled.size(); i++) {
            List<LabelledPassage> ofQuestion = examples.apply(sampled.get(order[i]));
            if (i < measuring) {
                heldOut.add(ofQuestion);
            } else {
                taught.addAll(ofQuestion);
            }
        }
        requireBoth(taught, config);
        return new RewardExamples(taught, heldOut);
    }

    /** A chain, whether it could be graded, and whether it is right. */
    private record Sample(String text, boolean graded, boolean right) {}

    /** The examples of one question: its first graded samples, without repeated texts. */
    static List<LabelledPassage> outcomes(SampledQuestion question, int most, Function<String, Passage> passage) {
        return examples(
                question.samples(),
                most,
                sample -> new Sample(sample.completion(), !sample.failed(), sample.right()),
                passage);
    }

    private static <S> List<LabelledPassage> examples(
            List<S> stored, int most, Function<S, Sample> read, Function<String, Passage> passage) {
        Set<String> texts = new HashSet<>();
        return stored.stream()
                .map(read)
                .filter(Sample::graded)
                .filter(sample -> texts.add(sample.text().strip()))
                .limit(most)
                .map(sample -> new LabelledPassage(passage.apply(sample.text()), List.of(sample.right() ? 1.0 : 0.0)))
                .toList();
    }

    private static List<LabelledPassage> steps(List<StepLabels.Chain> chains, Question question, Passages passages) {
        List<LabelledPassage> examples = new ArrayList<>();
        for (StepLabels.Chain chain : chains) {
            Passage passage = passages.of(question, chain.text());
            int judged = passage.ends().size();
            if (judged > 0) {
                examples.add(new LabelledPassage(passage, chain.labels().subList(0, judged)));
            }
        }
        return examples;
    }

    private static void requireSameData(Path folder, Cot cot) {
        SampleSettings.Data data = SampleReader.settings(folder).orElseThrow().data();
        String split = data.split();
        ConfigException.check(
                data.forTraining(),
                "samples.path",
                folder + " (samples of the " + split + " split)",
                "samples of training questions: reft sample --split train");
        String kind = cot.letter();
        ConfigException.check(
                data.cot().equals(kind),
                "data.cot",
                kind,
                data.cot() + ", since the samples of " + folder + " reason that way");
    }

    /** Answers are compared one by one; this tells other texts with the same answers. */
    private static void requireSameQuestions(Path folder, List<Question> questions) {
        SampleSettings.Data data = SampleReader.settings(folder).orElseThrow().data();
        if (!data.areFirstOf(questions)) {
            throw new ConfigException("samples.path is " + folder
                    + ", whose samples are of other questions than the first "
                    + data.questions() + " training questions of data, though their ids are the same; give data as the"
                    + " samples were asked");
        }
    }

    private static Question asked(SampledQuestion sampled, Map<String, Question> byId, Path folder) {
        KeptRollout greedy = sampled.greedy();
        Question question = byId.get(greedy.questionId());
        if (question == null || !question.answer().raw().equals(greedy.target())) {
            throw new ConfigException("samples.path is " + folder + ", which has samples of question "
                    + greedy.questionId() + (question == null ? "" : " with another answer")
                    + ", and data has no such training question; give data as the samples were asked");
        }
        return question;
    }

    /** The samples record the place of the model that wrote them; it may not exist any more. */
    private static void requireSameBase(RewardModelSettings config, Setup setup, Run run) {
        Path samples = Path.of(config.samples().path());
        ConfigException.check(
                !Files.isRegularFile(samples),
                "samples.path",
                samples + ", a file",
                "a folder of reft sample, or of a run with rollouts: a reward model learns from single answers, not from"
                        + " pairs");
        Optional<Path> writer = SampleSource.isRun(samples)
                ? RunReader.of(samples).latest().map(Run.Checkpoint::folder)
                : Optional.of(Path.of(SampleReader.settingsOf(samples).model().path()));
        if (writer.filter(Files::exists).isPresent()) {
            setup.requireSameBase(writer.get());
        } else {
            run.emit(new RunEvent.Warned(
                    0,
                    (writer.isPresent()
                                    ? "the model that wrote the samples is not at " + writer.get() + " any more"
                                    : samples + " has no checkpoint of the model that wrote the samples")
                            + ", so that nobody can say whether this one is of the same base"));
        }
    }

    private static void requireBoth(List<LabelledPassage> taught, RewardModelSettings config) {
        StepLabelSource steps = config.steps();
        String samples = config.samples().path();
        long right = taught.stream()
                .flatMap(each -> each.labels().stream())
                .filter(label -> label > 0.5)
                .count();
        long all = taught.stream().mapToLong(each -> each.labels().size()).sum();
        if (steps != null && all == 0) {
            throw new ConfigException("steps.path is " + steps.path() + ", which has no label of a chain to learn from;"
                    + " label chains of the questions of " + samples + " with reft steps");
        }
        if (right == 0 || right == all) {
            throw new ConfigException((steps == null ? "samples.path is " + samples : "steps.path is " + steps.path())
                    + ", of which " + right + " of " + all + " labels are right: a reward model needs both kinds; "
                    + (steps == null
                            ? "take more samples, or a"
                            : "label more chains (reft steps --chains), or those of a")
                    + " model that is" + (right == 0 ? " right" : " wrong") + " now and then");
        }
    }
}
