package org.reft4j.train.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.model.schema.SchemaException;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.FewShotTemplate;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.WordedTemplate;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.SampleOrigin;
import org.reft4j.train.rollout.Beginning;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Form of the prompts. Keys left out keep the form that the starting model was trained with; a model that was not trained by this program
 * gets its own chat template if it has one, else the data's template, which is the paper's. Every checkpoint stores its form, so that later
 * commands prompt the model in the same way.
 *
 * @param fewShot number of annotated training questions put before each question as examples, chosen by the run's seed; they are not
 *     trained on
 * @param examples ids of the questions to use as examples, in this order, instead of the seed's choice
 * @param chat {@code true}: the question becomes a user message in the model's chat template; {@code false}: the prompt is written by
 *     {@code prompt.template}, or else by the data's template, which is the paper's
 * @param system system message before the user message
 * @param stop texts that end a completion; with examples, by default a blank line followed by {@code Question:} (or by the beginning of
 *     {@code prompt.template})
 * @param template prompt in your own words, with placeholders such as <code>{{ item.question }}</code> for the fields of the data row; with
 *     {@code chat: true} it is the user message
 * @param beginning beginning-of-text token before prompts: {@code auto} for the tokenizer's own rule (a chat template decides for itself),
 *     {@code none} as in the paper's code, or {@code always}
 * @param responseFormat format that every completion must have, sampled under a constraint: OpenAI's {@code response_format} object or the
 *     name of a file that holds one; {@code {type: text}} lifts the format that the model was trained with
 */
public record PromptConfig(
        @JsonProperty(defaultValue = "0") int fewShot,
        @Nullable List<String> examples,
        @Nullable Boolean chat,
        @Nullable String system,
        @Nullable List<String> stop,
        @Nullable String template,
        @Nullable Beginning beginning,
        @Nullable JsonNode responseFormat) {
    /** Key of the response format, for messages. */
    public static final String RESPONSE_FORMAT = "prompt.response-format";

    /** No settings: everything is left open. */
    public static final PromptConfig OPEN = new PromptConfig(0, null, null, null, null, null, null, null);

    public PromptConfig {
        ConfigException.check(fewShot >= 0, "prompt.few-shot", fewShot, "0 (none) or more");
        ConfigException.check(
                examples == null || fewShot == 0,
                "prompt.examples",
                "given",
                "none with prompt.few-shot: either the seed chooses the examples or you do");
        ConfigException.check(
                examples == null || new HashSet<>(examples).size() == examples.size(),
                "prompt.examples",
                String.valueOf(examples),
                "each id once");
        ConfigException.check(
                !chats(chat) || (fewShot == 0 && (examples == null || examples.isEmpty())),
                "prompt.chat",
                String.valueOf(chat),
                "false with examples: a base model is shown some, a chat model is told");
        ConfigException.check(
                system == null || chats(chat),
                "prompt.system",
                "given",
                "none without prompt.chat, whose template puts it");
        ConfigException.check(
                stop == null || stop.stream().noneMatch(String::isEmpty),
                "prompt.stop",
                String.valueOf(stop),
                "texts that are not empty");
        if (template != null) {
            WordedTemplate.check(template);
        }
        if (responseFormat != null) {
            var _ = format(responseFormat);
        }
    }

    /** @return {@code null} for any text */
    private static @Nullable ResponseFormat format(JsonNode given) {
        try {
            return ResponseFormat.read(given).orElse(null);
        } catch (SchemaException e) {
            throw new ConfigException(
                    "", RESPONSE_FORMAT, "not usable", "a format that sampling can hold: " + e.getMessage(), e);
        }
    }

    private static boolean chats(@Nullable Boolean chat) {
        return Boolean.TRUE.equals(chat);
    }

    /** True if a key is set that changes the text of prompts; {@code stop}, {@code beginning} and {@code response-format} do not. */
    private boolean says() {
        return chat != null || template != null || examples != null || fewShot > 0;
    }

    /**
     * The prompts of a run.
     *
     * @throws ConfigException if the form does not fit the data, the model, the lengths or what the run began with
     */
    public static Prompts prompts(RecipeConfig config, Dataset data, ModelSources.Source source, Run run) {
        Optional<Path> checkpoint = run.latest().map(Run.Checkpoint::folder);
        PromptForm open = checkpoint.map(PromptForm::of).orElseGet(() -> before(config, source));
        PromptConfig asked = Objects.requireNonNullElse(config.prompt(), OPEN);
        PromptForm form = asked.form(data, config.seed(), open);
        checkpoint.ifPresent(folder -> requireSame(form, folder));
        if (config instanceof StoredSamplesConfig stored
                && stored.samples().mismatch() == SamplesConfig.Mismatch.REFUSE) {
            requireAsked(form, Path.of(stored.samples().path()));
        }
        Prompts prompts = new Prompts(source.tokenizer(), data.template(), source.endOfText(), form);
        if (config instanceof RewardModelConfig judge) {
            prompts.requireRoom("max-tokens", judge.maxTokens());
        } else {
            prompts.requireRoom("evaluate.max-total-tokens", config.evaluate().maxTotalTokens());
            // A format that the model cannot write is told before anything else.
            var _ = prompts.from(Tokens.of());
        }
        run.emit(new RunEvent.Noted(0, form.words()));
        return prompts;
    }

    /** The prompt form of the model before this run: of the starting model, or else of the model that writes samples for it. */
    private static PromptForm before(RecipeConfig config, ModelSources.Source source) {
        return source.stored()
                .flatMap(model -> PromptForm.trained(model.path()))
                .or(() -> ModelSources.stored(config.model()).flatMap(model -> PromptForm.trained(model.path())))
                .orElseGet(() -> PromptForm.unsaid(source.tokenizer()));
    }

    /** Refuses samples whose folder records another prompt form. */
    private static void requireAsked(PromptForm form, Path samples) {
        if (!PromptForm.trained(samples).orElse(form).equals(form)) {
            throw ConfigException.unless(
                    SampleOrigin.ACCEPTED,
                    "samples.path is " + samples + ", whose questions were put in another way ("
                            + PromptForm.file(samples)
                            + "); say the same under prompt, sample again, or accept them with ");
        }
    }

    private static void requireSame(PromptForm form, Path checkpoint) {
        if (!form.equals(PromptForm.of(checkpoint))) {
            throw new ConfigException("the checkpoint " + checkpoint
                    + " was trained with another prompt than the configuration, the data and model.path give now; put back what"
                    + " was changed, or begin a new run");
        }
    }

    /**
     * The form of every prompt of a run, with no form to fall back on for keys left out.
     *
     * @throws ConfigException if the data have not enough annotated training questions, or not those that are named
     */
    public PromptForm form(Dataset data, long seed) {
        return form(data, seed, PromptForm.PLAIN);
    }

    /**
     * The form of every prompt.
     *
     * @param seed seed for the choice of examples
     * @param open the form to fall back on for keys left out
     * @throws ConfigException if the data have not enough annotated training questions, or not those that are named
     */
    public PromptForm form(Dataset data, long seed, PromptForm open) {
        Beginning token = beginning != null ? beginning : open.beginning();
        ResponseFormat written = responseFormat != null ? format(responseFormat) : open.responseFormat();
        if (!says()) {
            Cot cot = stop == null ? open.cot() : data.template().cot();
            return new PromptForm(
                    cot,
                    open.examples(),
                    open.chat(),
                    open.system(),
                    stop == null ? open.stop() : stop,
                    open.template(),
                    token,
                    written);
        }
        List<Question> annotated = data.train().stream()
                .filter(question -> question.rationale() != null && question.conversation() == null)
                .toList();
        List<Question> shown = examples == null ? chosen(annotated, seed) : named(examples, annotated);
        PromptTemplate words = template == null ? data.template() : new WordedTemplate(data.template(), template);
        List<String> ends = stop != null ? stop : shown.isEmpty() ? List.of() : List.of(next(words));
        boolean plain = shown.isEmpty() && !chats(chat) && ends.isEmpty() && template == null;
        return new PromptForm(
                plain ? null : data.template().cot(),
                FewShotTemplate.examples(words, shown),
                chats(chat),
                system,
                ends,
                template,
                token,
                written);
    }

    /** The text with which a model that continues after its answer begins a question of its own. */
    private static String next(PromptTemplate words) {
        return words instanceof WordedTemplate own
                ? FewShotTemplate.SEPARATOR + own.opening().strip()
                : FewShotTemplate.STOP;
    }

    private List<Question> chosen(List<Question> annotated, long seed) {
        ConfigException.check(
                fewShot <= annotated.size(),
                "prompt.few-shot",
                fewShot,
                "at most " + annotated.size() + ", the number of training questions with a rationale");
        int[] order = new Seeds(seed).permutation(annotated.size(), Seeds.Purpose.EXAMPLES);
        List<Question> chosen = new ArrayList<>();
        for (int i = 0; i < fewShot; i++) {
            chosen.add(annotated.get(order[i]));
        }
        return chosen;
    }

    private static List<Question> named(List<String> ids, List<Question> annotated) {
        List<Question> named = new ArrayList<>();
        for (String id : ids) {
            named.add(annotated.stream()
                    .filter(question -> question.id().equals(id))
                    .findFirst()
                    .orElseThrow(() -> new ConfigException("prompt.examples is " + id
                            + "; expected ids of training questions with a rationale"
                            + (annotated.isEmpty()
                                    ? ", of which there are none"
                                    : ", such as " + annotated.getFirst().id()))));
        }
        return named;
    }
}
