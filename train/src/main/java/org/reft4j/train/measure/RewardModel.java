package org.reft4j.train.measure;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.StepModel;
import org.reft4j.task.grade.StepScore;
import org.reft4j.task.grade.StepSplit;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.TokenizerDifference;

/**
 * A classifier that says how likely a chain of thought, or each of its steps, is right. Shown questions as it was taught with them, few-shot
 * examples and chat template included. Owns classifier and tokenizer.
 */
public final class RewardModel implements AutoCloseable {
    /** Key that this project adds to the classifier's {@code config.json}. */
    private static final String ABOUT = "reward_model";

    /** Tokens that go through the model at once. */
    private static final int TOKENS = 4096;

    private final Path path;
    private final SequenceClassifier classifier;
    private final Tokenizer tokenizer;
    private final Kind kind;
    private final PromptForm form;

    private RewardModel(Path path, SequenceClassifier classifier, Tokenizer tokenizer, Kind kind, PromptForm form) {
        this.path = path;
        this.classifier = classifier;
        this.tokenizer = tokenizer;
        this.kind = kind;
        this.form = form;
    }

    /**
     * Kind of a reward model: its labels and its kind of chains.
     *
     * @param labels the labels that it was trained on
     * @param cot the kind of chains that it was trained on
     */
    public record Kind(RewardLabels labels, Cot cot) {}

    /**
     * Writes a classifier with what it was taught, as a plain Hugging Face folder, into a folder that is there.
     *
     * @param prompts that put the questions to it
     */
    public static void write(Path folder, SequenceClassifier classifier, Kind kind, Prompts prompts) {
        ModelConfig config = classifier.config();
        ObjectNode json = config.json().deepCopy();
        json.putObject(ABOUT).put("labels", word(kind.labels())).put("cot", word(kind.cot()));
        ModelFolder.write(
                folder,
                new ModelConfig(json, config.source(), config.generation()),
                classifier.weights(),
                prompts.tokenizer(),
                DType.F32);
        prompts.form().save(folder);
    }

    /**
     * The kind of the reward model in a folder.
     *
     * @throws ConfigException if it is not recorded
     */
    public static Kind kind(ModelFolder folder) {
        JsonNode about = folder.config().json().path(ABOUT);
        return new Kind(
                choice(RewardLabels.values(), about.path("labels"), folder),
                choice(Cot.values(), about.path("cot"), folder));
    }

    private static <E extends Enum<E>> E choice(E[] values, JsonNode word, ModelFolder folder) {
        return Arrays.stream(values)
                .filter(value -> word(value).equals(word.asText()))
                .findFirst()
                .orElseThrow(() -> new ConfigException(folder.path() + ": config.json does not say in \"" + ABOUT
                        + "\" what the model was taught; name a checkpoint that the recipe reward-model wrote"));
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Opens a reward model. The caller closes it.
     *
     * @param place its place; weights are of the type of products
     * @throws org.reft4j.model.weights.FormatException if it is no classifier
     * @throws ConfigException if it is not recorded what it was taught
     */
    public static RewardModel open(Path path, Place place) {
        ModelFolder folder = ModelFolder.open(path);
        SequenceClassifier.sizes(folder.config()); // refused before weights are read
        Kind kind = kind(folder);
        Tokenizer tokenizer = folder.tokenizer();
        try {
            PromptForm form = PromptForm.of(path, tokenizer);
            return new RewardModel(
                    path, SequenceClassifier.load(folder, place.products(), place), tokenizer, kind, form);
        } catch (RuntimeException e) {
            tokenizer.close();
            throw e;
        }
    }

    public Kind kind() {
        return kind;
    }

    /**
     * Refuses to judge samples of a model with another base or tokenizer.
     *
     * @param judge the reward model, or the model to train as one
     * @param writer place of the model that wrote the samples
     * @throws ConfigException that names both and the difference
     */
    public static void requireSameBase(Path judge, ModelSizes sizes, Tokenizer tokenizer, Path writer) {
        StoredModel stored = StoredModel.open(writer);
        ModelSizes others = ModelFamilies.of(stored.config()).sizes(stored.config());
        try (Tokenizer other = stored.tokenizer()) {
            String difference = sameShape(others, sizes)
                    ? TokenizerDifference.of(other, tokenizer).orElse("")
                    : shape(others) + " there, " + shape(sizes) + " here";
            if (!difference.isEmpty()) {
                throw new ConfigException("the reward model " + judge
                        + " is of another base or tokenizer than the model that wrote the samples (" + writer + "): "
                        + difference + "; train one from a model of the same base, or sample with one of its base");
            }
        }
    }

    /** True if two models have equal sizes, so that they may have the same base. */
    public static boolean sameShape(ModelSizes one, ModelSizes other) {
        return shape(one).equals(shape(other));
    }

    private static String shape(ModelSizes sizes) {
        return sizes.layers() + " layers of width " + sizes.width() + ", " + sizes.heads() + " heads, "
                + sizes.vocabulary() + " tokens";
    }

    /** Questions and chains as this model was shown them. */
    public Passages passages(PromptTemplate template) {
        int end = tokenizer
                .endOfText()
                .orElseThrow(() -> new ConfigException(tokenizer.source() + " names no end-of-text token"));
        return new Passages(
                new Prompts(tokenizer, template, end, form), kind.labels(), kind.cot(), classifier.contextLength());
    }

    /**
     * Judges chains of thought of one question.
     *
     * @param passages see {@link #passages}
     * @return for each chain the probability of being right: one, or one for each step
     * @throws ConfigException if the model says something that is no number
     */
    public List<List<Double>> scores(Passages passages, Question question, List<String> chains) {
        List<List<Double>> scores = classifier.probabilities(
                chains.stream().map(chain -> passages.of(question, chain)).toList(), TOKENS);
        if (scores.stream().flatMap(List::stream).anyMatch(score -> !Double.isFinite(score))) {
            throw new ConfigException(
                    "the reward model " + path + " gives a chain of question " + question.id()
                            + " a score that is no number: its weights are damaged; name another checkpoint, or train it again");
        }
        return scores;
    }

    /**
     * Judges steps for graders, which may ask from any thread: one completion after the other.
     *
     * @param template puts questions as the policy sees them
     */
    public StepModel stepModel(PromptTemplate template) {
        Passages passages = passages(template);
        Lock turn = new ReentrantLock();
        return (question, completion) -> {
            List<StepSplit.Step> steps = StepSplit.of(kind.cot()).steps(completion);
            List<Double> scores;
            turn.lock();
            // A thread of its own has its own switch for gradients.
            try (var _ = Torch.pauseGradients()) {
                scores = scores(passages, question, List.of(completion)).getFirst();
            } finally {
                turn.unlock();
            }
            List<StepScore> judged = new ArrayList<>();
            for (int i = 0; i < scores.size(); i++) {
                judged.add(new StepScore(steps.get(i).end(), scores.get(i), "likely to lead to a right answer"));
            }
            return judged;
        };
    }

    @Override
    public void close() {
        tokenizer.close();
        classifier.close();
    }
}
