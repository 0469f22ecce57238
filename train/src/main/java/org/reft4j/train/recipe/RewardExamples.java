package org.reft4j.train.recipe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reft4j.model.decoder.SequenceClassifier.Passage;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.SampledQuestion;
import org.reft4j.train.sample.StepLabels;
import org.reft4j.train.sample.StoredSample;

/**
 * Samples that teach a reward model, and samples of other questions that measure it.
 *
 * @param taught at least one right and one wrong
 * @param heldOut possibly none
 */
record RewardExamples(List<LabelledPassage> taught, List<LabelledPassage> heldOut) {
    private static final String FAILED = "failed";

    /**
     * Reads the samples, and with {@code labels: process} the labels of their steps.
     *
     * @throws ConfigException if samples and data do not belong together, or there is nothing to tell apart
     */
    static RewardExamples of(RewardModelConfig config, Dataset data, Prompts prompts) {
        Path folder = Path.of(config.samples().path());
        List<SampledQuestion> sampled = SampleReader.questions(folder);
        requireSameData(folder, config.data().cot());
        Map<String, Question> byId =
                data.train().stream().collect(Collectors.toMap(Question::id, Function.identity(), (a, _) -> a));
        Passages passages = new Passages(prompts, config.labels(), config.data().cot(), config.maxTokens());
        StepLabelSource steps = config.steps();
        Map<String, List<StepLabels.Chain>> chains = steps == null
                ? Map.of()
                : StepLabels.read(
                        Path.of(steps.path()), config.data().cot(), steps.estimate() == StepLabelSource.Estimate.SOFT);

        int[] order = new Seeds(config.seed()).permutation(sampled.size(), Seeds.Purpose.KEEP);
        int measuring = (int) Math.ceil(config.samples().heldOut() * sampled.size());
        List<LabelledPassage> taught = new ArrayList<>();
        List<LabelledPassage> heldOut = new ArrayList<>();
        for (int i = 0; i < sampled.size(); i++) {
            SampledQuestion question = sampled.get(order[i]);
            Question asked = asked(question, byId, folder);
            List<LabelledPassage> examples = config.labels() == RewardLabels.OUTCOME
                    ? outcomes(question, config.samples().perQuestion(), chain -> passages.of(asked, chain))
                    : steps(chains.getOrDefault(asked.id(), List.of()), asked, passages);
            (i < measuring ? heldOut : taught).addAll(examples);
        }
        requireBoth(taught, folder);
        return new RewardExamples(taught, heldOut);
    }

    /** Of one question: its first samples that could be graded, each text once. */
    static List<LabelledPassage> outcomes(SampledQuestion question, int most, Function<String, Passage> passage) {
        Set<String> texts = new HashSet<>();
        return question.samples().stream()
                .filter(sample -> !sample.grade().equals(FAILED))
                .filter(sample -> texts.add(sample.completion().strip()))
                .limit(most)
                .map(sample ->
                        new LabelledPassage(passage.apply(sample.completion()), List.of(sample.correct() ? 1.0 : 0.0)))
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
                split.equals("train"),
                "samples.path",
                folder + " (samples of the " + split + " split)",
                "samples of training questions: reft sample --split train");
        String kind = cot == Cot.PROGRAM ? "p" : "n";
        ConfigException.check(
                data.cot().equals(kind),
                "data.cot",
                kind,
                data.cot() + ", since the samples of " + folder + " reason that way");
    }

    private static Question asked(SampledQuestion sampled, Map<String, Question> byId, Path folder) {
        StoredSample greedy = sampled.greedy();
        Question question = byId.get(greedy.questionId());
        if (question == null || !question.answer().raw().equals(greedy.target())) {
            throw new ConfigException("samples.path is " + folder + ", which has samples of question "
                    + greedy.questionId() + (question == null ? "" : " with another answer")
                    + ", and data has no such training question; give data as the samples were asked");
        }
        return question;
    }

    private static void requireBoth(List<LabelledPassage> taught, Path folder) {
        long right = taught.stream()
                .flatMap(each -> each.labels().stream())
                .filter(label -> label > 0.5)
                .count();
        long all = taught.stream().mapToLong(each -> each.labels().size()).sum();
        if (right == 0 || right == all) {
            throw new ConfigException("samples.path is " + folder + ", of which " + right + " of " + all
                    + " labels are right: a reward model needs both kinds; take more samples, or a model that is"
                    + (right == 0 ? " right" : " wrong") + " now and then");
        }
    }
}
