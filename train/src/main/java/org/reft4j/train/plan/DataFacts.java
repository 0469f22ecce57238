package org.reft4j.train.plan;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.task.dataset.AnswerCount;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;

/**
 * Facts about data and model from which a first configuration is chosen.
 *
 * @param data the dataset
 * @param train number of training questions
 * @param annotated number of these with a chain of thought
 * @param answers counts of all questions' answers by kind
 * @param promptTokens tokens of the longest prompt
 * @param targetTokens tokens of the longest annotated completion; 0 without one
 * @param context the model's context length in tokens, if it is known
 * @param small true if the model has fewer than a billion parameters, or is not known
 * @param counted true if tokens were counted by the model's own tokenizer
 */
public record DataFacts(
        Dataset data,
        int train,
        int annotated,
        AnswerCount answers,
        int promptTokens,
        int targetTokens,
        OptionalInt context,
        boolean small,
        boolean counted) {
    private static final long BILLION = 1_000_000_000;

    /** Tokens that a chat template puts around a message, about. */
    private static final int AROUND = 16;

    /**
     * Collects the facts about data and a model.
     *
     * @param model a path or a name on the hub; {@code null} for none
     * @param key name of the model in messages
     */
    public static DataFacts of(Dataset data, @Nullable String model, String key) {
        Optional<ModelSource> source = Optional.ofNullable(model).flatMap(name -> present(name, key));
        Optional<ModelSizes> sizes = source.map(ModelSources::sizes);
        List<Question> all = Stream.of(Split.values())
                .flatMap(split -> data.questions(split).stream())
                .toList();
        try (Tokenizer tokenizer =
                source.map(present -> ModelSources.open(present, 0).tokenizer()).orElseGet(Tokenizers::small)) {
            return new DataFacts(
                    data,
                    data.train().size(),
                    (int) data.train().stream()
                            .filter(question -> question.targets() > 0)
                            .count(),
                    AnswerCount.of(all),
                    longest(all.stream().map(question -> prompt(data.template(), question)), tokenizer),
                    longest(
                            all.stream()
                                    .filter(question -> question.rationale() != null)
                                    .map(question -> target(data.template(), question)),
                            tokenizer),
                    sizes.map(known -> OptionalInt.of(known.contextLength())).orElse(OptionalInt.empty()),
                    sizes.map(known -> known.parameters() < BILLION).orElse(true),
                    source.isPresent() || model == null);
        }
    }

    /** The model if it is on this machine; of a run its chosen checkpoint. */
    private static Optional<ModelSource> present(String model, String key) {
        try {
            if (Files.exists(Path.of(model))) {
                return Optional.of(
                        new ModelSource(RunReader.model(Path.of(model)).toString(), null, "f32", "cpu"));
            }
        } catch (InvalidPathException e) {
            throw new ConfigException(key + " is " + model + ", which is no path: " + e.getReason(), e);
        }
        ConfigException.check(ModelHub.isName(model), key, model, "a folder or file that exists, or a name on the hub");
        return ModelHub.present(model).map(path -> new ModelSource(path.toString(), null, "f32", "cpu"));
    }

    private static int longest(Stream<String> texts, Tokenizer tokenizer) {
        return texts.mapToInt(text -> tokenizer.encode(text).size()).max().orElse(0);
    }

    private static String prompt(PromptTemplate template, Question question) {
        return question.conversation() == null
                ? template.prompt(question) + template.header(question)
                : question.text()
                        + " |"
                                .repeat(AROUND
                                        * question.conversation().messages().size());
    }

    private static String target(PromptTemplate template, Question question) {
        return question.conversation() == null ? template.target(question) : String.valueOf(question.rationale());
    }

    /** Tells whether the questions are conversations, which a model's chat template puts to it. */
    boolean conversations() {
        return data.train().stream().anyMatch(question -> question.conversation() != null);
    }
}
