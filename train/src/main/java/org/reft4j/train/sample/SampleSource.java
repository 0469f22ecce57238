package org.reft4j.train.sample;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.RolloutQuery;
import org.reft4j.train.run.RunReader;

/**
 * Stored samples with what they were worth, from a folder of {@code reft sample}, the rollouts of a run, or a file of pairs.
 */
public final class SampleSource {
    private static final String AGAIN = "; it was made by a version that did not keep them: sample again";

    private final Path path;
    private final Map<String, Question> questions;

    private SampleSource(Path path, List<Question> questions) {
        this.path = path;
        this.questions = questions.stream()
                .collect(Collectors.toMap(Question::id, Function.identity(), (one, _) -> one, LinkedHashMap::new));
    }

    /** Kinds of sources that a path may name. */
    public enum Kind {
        /** A folder of {@code reft sample}. */
        SAMPLES,
        /** A run's folder, with {@code rollouts.sqlite}. */
        RUN,
        /** JSON Lines of pairs. */
        PAIRS;

        /** @throws ConfigException if it is none of them */
        public static Kind of(Path path) {
            if (Files.isRegularFile(path)) {
                return PAIRS;
            }
            if (Files.isRegularFile(path.resolve(SampleFolder.SETTINGS))) {
                return SAMPLES;
            }
            if (isRun(path)) {
                return RUN;
            }
            throw new ConfigException("samples.path is " + path
                    + (Files.exists(path) ? ", which holds neither samples nor rollouts" : ", which does not exist")
                    + "; expected a folder made with reft sample, a run's folder with rollouts, or a JSON Lines file of"
                    + " pairs");
        }
    }

    /** True if the folder is that of a run with rollouts. */
    public static boolean isRun(Path path) {
        return Files.isRegularFile(path.resolve("rollouts.sqlite"));
    }

    /**
     * Reads all samples, with the grades that they got when they were made, whatever the grader is now.
     *
     * @param questions the questions of the training split; only these may be trained on
     * @return the samples grouped by question, or in a file of pairs by pair; at least one group
     * @throws ConfigException if there are no samples, a file is damaged, or a sample answers no question of the training split
     */
    public static List<List<ScoredSample>> read(Path path, List<Question> questions) {
        SampleSource source = new SampleSource(path, questions);
        List<List<ScoredSample>> samples = switch (Kind.of(path)) {
            case SAMPLES -> source.folder();
            case RUN -> source.run();
            case PAIRS -> PairFile.read(path);
        };
        if (samples.isEmpty()) {
            throw new ConfigException("samples.path is " + path + ", which holds no sample; name another");
        }
        return samples;
    }

    /** The pairs of a JSON Lines file; empty if its first row is no pair. */
    public static Optional<List<List<ScoredSample>>> pairs(Path file) {
        return PairFile.is(file) ? Optional.of(PairFile.read(file)) : Optional.empty();
    }

    private List<List<ScoredSample>> folder() {
        SampleSettings.Data asked = SampleReader.settings(path).orElseThrow().data();
        ConfigException.check(
                asked.forTraining(),
                "samples.path",
                path + ", which holds samples of the " + asked.split() + " split",
                "samples of the training split (reft sample --split train): others are what a model is measured by");
        List<List<ScoredSample>> groups = new ArrayList<>();
        for (SampledQuestion sampled : SampleReader.questions(path)) {
            Question question =
                    question(sampled.greedy().questionId(), sampled.greedy().target());
            List<ScoredSample> group = new ArrayList<>();
            for (KeptRollout sample : sampled.samples()) {
                String place = path + ", " + sample.place();
                Tokens ids = sample.ids();
                if (ids == null) {
                    throw new ConfigException(place + " has no token_ids" + AGAIN);
                }
                group.add(new ScoredSample(question, place, sample.completion(), ids, sample.reward(), sample.right()));
            }
            groups.add(List.copyOf(group));
        }
        List<Question> here =
                questions.values().stream().limit(asked.questions()).toList();
        if (!asked.fingerprint().equals(Fingerprint.of(here))) {
            throw otherData(groups.getFirst().getFirst().question().id(), "or one after it, is another one there");
        }
        return groups;
    }

    private List<List<ScoredSample>> run() {
        Map<String, List<ScoredSample>> groups = new LinkedHashMap<>();
        for (KeptRollout rollout : RunReader.of(path).rollouts(RolloutQuery.ALL)) {
            String place = path + ", " + rollout.place();
            Question question = question(rollout.questionId(), rollout.target());
            if (!question.text().equals(rollout.question())) {
                throw otherData(question.id(), "its text is another one there");
            }
            Tokens ids = rollout.ids();
            if (ids == null) {
                throw new ConfigException(place + " has no token ids" + AGAIN);
            }
            double reward = rollout.failed() ? Double.NaN : rollout.reward();
            groups.computeIfAbsent(question.id(), _ -> new ArrayList<>())
                    .add(new ScoredSample(question, place, rollout.completion(), ids, reward, rollout.right()));
        }
        return groups.values().stream().map(List::copyOf).toList();
    }

    private Question question(String id, String target) {
        Question question = questions.get(id);
        if (question == null) {
            throw otherData(id, "the training split has no such question");
        }
        if (!question.answer().raw().equals(target)) {
            throw otherData(
                    id,
                    "its answer is " + target + " there and "
                            + question.answer().raw() + " here");
        }
        return question;
    }

    private ConfigException otherData(String id, String how) {
        return new ConfigException("samples.path is " + path + ", which holds samples of other data: question " + id
                + ", " + how + "; give the data settings that the samples were made with, or sample again");
    }
}
