package org.reft4j.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.ConfigException;
import org.reft4j.train.job.Continuations;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.rollout.Beginning;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.run.Sheet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reft generate}. */
@Command(
        name = "generate",
        description = {
            "Lets a model continue a text.",
            "",
            "--json also gives each token's id and its log-probability, that of the model's plain distribution."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft generate --model models/smollm2 --prompt 'Once upon a time' --max-tokens 50",
            "  reft generate --model runs/my-run --samples 4 --temperature 0.7 < prompt.txt",
            "",
            "The prompt goes to the model as it is, behind the token that begins a text where the tokenizer has one. What training",
            "puts around a question:",
            "  --question 'Tom has 3 apples and eats one. How many are left?'"
        })
final class GenerateCommand implements Callable<Integer> {
    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue. Default: standard input.")
    private Optional<String> prompt = Optional.empty();

    @Option(names = "--question", paramLabel = "TEXT", description = "A question, put as the model's training put it.")
    private Optional<String> question = Optional.empty();

    @Option(
            names = "--chat",
            description = "The prompt is a user's message, put as the model's chat template writes it.")
    private boolean chat;

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message before it, with --chat.")
    private Optional<String> system = Optional.empty();

    @Option(
            names = "--beginning",
            paramLabel = "RULE",
            description =
                    "The beginning-of-text token in front of the prompt: auto (as the tokenizer has it), none or always."
                            + " Default: as the model was trained, or auto.")
    private Optional<String> beginning = Optional.empty();

    @Option(names = "--samples", paramLabel = "K", description = "How many continuations.", defaultValue = "1")
    private int samples = 1;

    @Option(names = "--max-tokens", paramLabel = "N", description = "At most so many new tokens.", defaultValue = "256")
    private int maxTokens = 256;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 takes the likeliest token always.",
            defaultValue = "1.0")
    private double temperature = 1;

    @Option(names = "--top-k", paramLabel = "K", description = "Only the K likeliest tokens; 0 for all.")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            description = "Only the likeliest tokens that together have probability P; 1 for all.",
            defaultValue = "1.0")
    private double topP = 1;

    @Option(names = "--stop", paramLabel = "TEXT", description = "End where this text appears. May be repeated.")
    private List<String> stop = new ArrayList<>();

    @Option(
            names = "--response-format",
            paramLabel = "FILE",
            description = "The continuation must have this format: OpenAI's response_format object, JSON or YAML."
                    + " Default with --question: as the model was trained.")
    private Optional<Path> responseFormat = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "Of the sampling.", defaultValue = "42")
    private long seed = 42;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException {
        ConfigException.check(samples > 0, "--samples", samples, "a positive number");
        ConfigException.check(maxTokens > 0, "--max-tokens", maxTokens, "a positive number");
        ConfigException.check(
                temperature >= 0 && Double.isFinite(temperature), "--temperature", temperature, "0 or more");
        ConfigException.check(topK >= 0, "--top-k", topK, "0 (off) or more");
        ConfigException.check(topP > 0 && topP <= 1, "--top-p", topP, "a number in (0, 1]");
        ConfigException.check(system.isEmpty() || chat, "--system", "given", "none without --chat");
        Optional<Beginning> rule = beginning.map(PromptOptions::rule);
        String given = text(System.in);
        try (LoadedModel loaded = model.open(output)) {
            PromptForm form = form(loaded, rule);
            Prompts prompts = loaded.single(form);
            String text = text(given, prompts, loaded);
            Tokens start = prompts.begun(text, chat || (question.isPresent() && form.chat()));
            int context = loaded.decoder().contextLength();
            SamplingConfig config = (temperature == 0
                            ? SamplingConfig.greedy(context)
                            : SamplingConfig.sampling(temperature, topK, topP, context))
                    .withMaxTokens(maxTokens)
                    .withStop(ends(loaded));
            Continuations written = Continuations.of(loaded, text, start, prompts, config, samples, seed);
            Sheet sheet = written.sheet();
            output.lines(sheet);
            output.remark(
                    "%d tokens in %.1f s (%.0f tokens/s)",
                    written.tokens(), written.seconds(), written.tokens() / written.seconds());
            output.figures(sheet.figures());
        }
        return 0;
    }

    /** The prompt form. A chat template that is not needed is not compiled, since it may be faulty. */
    private PromptForm form(LoadedModel loaded, Optional<Beginning> rule) {
        PromptForm form = question.isPresent() ? loaded.form() : PromptForm.PLAIN.with(loaded.beginning());
        PromptForm begun = rule.map(form::with).orElse(form);
        return responseFormat.isEmpty() ? begun : begun.with(PromptOptions.format(responseFormat.get()));
    }

    private String text(InputStream standardInput) throws IOException {
        if (prompt.isPresent() && question.isPresent()) {
            throw new ConfigException("--prompt and --question exclude each other");
        }
        if (chat && question.isPresent()) {
            throw new ConfigException("--chat and --question exclude each other");
        }
        Optional<String> given = question.or(() -> prompt);
        return given.isPresent() ? given.get() : new String(standardInput.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The text that the model is given. */
    private String text(String given, Prompts prompts, LoadedModel loaded) {
        if (question.isPresent()) {
            return prompts.text(LoadedModel.question(given));
        }
        return chat ? loaded.chat(given, system) : given;
    }

    /** Texts that end a continuation: an answer to a question ends as in the model's training. */
    private List<String> ends(LoadedModel loaded) {
        List<String> ends = new ArrayList<>(stop);
        if (question.isPresent()) {
            ends.addAll(loaded.form().stop());
        }
        return ends;
    }
}
