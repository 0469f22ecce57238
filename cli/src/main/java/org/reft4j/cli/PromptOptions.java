package org.reft4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.model.schema.SchemaException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.rollout.Beginning;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.settings.PromptConfig;
import picocli.CommandLine.Option;

/** Options for a command's prompt form. By default it is the one that the model was trained with, or that of its files. */
final class PromptOptions {
    /** Seed for the choice of examples, the default seed of a run. */
    private static final long SEED = 42;

    @Option(
            names = "--chat",
            negatable = true,
            description =
                    "Questions are a user's messages, put by the model's chat template; with --no-chat they are put by the"
                            + " data's template. Default: as the model was trained; a model that was not trained here is"
                            + " asked by its chat template if it has one.")
    private @Nullable Boolean chat;

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message of a chat.")
    private Optional<String> system = Optional.empty();

    @Option(
            names = "--few-shot",
            paramLabel = "N",
            description = "So many annotated training questions stand before each question.")
    private int fewShot;

    @Option(
            names = "--prompt-template",
            paramLabel = "TEXT",
            description =
                    "The question in words of your own, such as 'Q: {{ item.question }} A:'; with --chat the user's message.")
    private Optional<String> template = Optional.empty();

    @Option(names = "--stop", paramLabel = "TEXT", description = "An answer ends before this text. May be repeated.")
    private List<String> stop = new ArrayList<>();

    @Option(
            names = "--beginning",
            paramLabel = "RULE",
            description =
                    "The beginning-of-text token in front of prompts: auto (as the tokenizer has it), none or always.")
    private Optional<String> beginning = Optional.empty();

    @Option(
            names = "--response-format",
            paramLabel = "FILE",
            description =
                    "Answers must have this format: OpenAI's response_format object, JSON or YAML. Default: as the model was trained.")
    private Optional<Path> responseFormat = Optional.empty();

    /** Checks the options before anything is loaded. */
    void check() {
        config();
    }

    private PromptConfig config() {
        boolean chats = chat != null ? chat : system.isPresent();
        return new PromptConfig(
                fewShot,
                null,
                (chat != null || chats) ? Boolean.valueOf(chats) : null,
                system.orElse(null),
                stop.isEmpty() ? null : stop,
                template.orElse(null),
                beginning.map(PromptOptions::rule).orElse(null),
                responseFormat.map(ConfigFile::object).orElse(null));
    }

    /** The format in a file; {@code null} for any text. */
    static @Nullable ResponseFormat format(Path file) {
        try {
            return ResponseFormat.read(ConfigFile.object(file)).orElse(null);
        } catch (SchemaException e) {
            throw new ConfigException(file + " is no response format that sampling can hold: " + e.getMessage(), e);
        }
    }

    static Beginning rule(String word) {
        for (Beginning rule : Beginning.values()) {
            if (rule.name().equalsIgnoreCase(word)) {
                return rule;
            }
        }
        throw new ConfigException(
                "--beginning is " + word.toLowerCase(Locale.ROOT) + "; expected auto, none or always");
    }

    /**
     * The prompt form.
     *
     * @param open the form to fall back on for options not given
     */
    PromptForm form(Dataset dataset, PromptForm open) {
        return config().form(dataset, SEED, open);
    }
}
