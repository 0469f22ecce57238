package org.reft4j.train.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Seeds;
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
 * How questions are put to the model. What this section leaves open is as it was for the model that training begins with; a model that was
 * not trained here is asked by its chat template if it has one, and else by the data's template, which is the paper's. What holds goes
 * into every checkpoint, so that whoever asks the model asks it alike.
 *
 * @param fewShot so many annotated training questions stand before each question, chosen by the run's seed; they are not asked
 * @param examples the ids of these questions, in their order, instead of the seed's choice
 * @param chat {@code true}: the question is a user's message, put by the model's chat template; {@code false}: it is put by the data's
 *     template, which is the paper's, or by {@code prompt.template}
 * @param system the system message before it
 * @param stop texts that end a completion; with examples a blank line and {@code Question:} (or what {@code prompt.template} begins with)
 *     unless given
 * @param template the question in words of your own, with places such as <code>{{ item.question }}</code> for the fields of the data row;
 *     with {@code chat: true} the user's message
 * @param beginning the beginning-of-text token in front of prompts: {@code auto}, as the tokenizer has it (a chat template decides for
 *     itself), {@code none}, as in the paper's code, or {@code always}
 */
public record PromptConfig(
        @JsonProperty(defaultValue = "0") int fewShot,
        @Nullable List<String> examples,
        @Nullable Boolean chat,
        @Nullable String system,
        @Nullable List<String> stop,
        @Nullable String template,
        @Nullable Beginning beginning) {
    /** Nothing said. */
    public static final PromptConfig OPEN = new PromptConfig(0, null, null, null, null, null, null);

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
    }

    private static boolean chats(@Nullable Boolean chat) {
        return Boolean.TRUE.equals(chat);
    }

    /** Whether it says how a question is put, beside what ends an answer and what stands in front of all. */
    private boolean says() {
        return chat != null || template != null || examples != null || fewShot > 0;
    }

    /**
     * Questions as a run puts them to its model.
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
        }
        run.emit(new RunEvent.Noted(0, form.words()));
        return prompts;
    }

    /** How the model was asked before this run: the one that training begins with, or else the one that samples for it. */
    private static PromptForm before(RecipeConfig config, ModelSources.Source source) {
        return source.stored()
                .flatMap(model -> PromptForm.trained(model.path()))
                .or(() -> ModelSources.stored(config.model()).flatMap(model -> PromptForm.trained(model.path())))
                .orElseGet(() -> PromptForm.unsaid(source.tokenizer()));
    }

    /** Refuses samples whose folder says that they were asked otherwise. */
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
     * The form of every prompt of a run, where nothing holds for what this section leaves open.
     *
     * @throws ConfigException if the data have not enough annotated training questions, or not those that are named
     */
    public PromptForm form(Dataset data, long seed) {
        return form(data, seed, PromptForm.PLAIN);
    }

    /**
     * The form of every prompt.
     *
     * @param seed chooses the examples
     * @param open what holds where this section says nothing
     * @throws ConfigException if the data have not enough annotated training questions, or not those that are named
     */
    public PromptForm form(Dataset data, long seed, PromptForm open) {
        Beginning token = beginning != null ? beginning : open.beginning();
        if (!says()) {
            Cot cot = stop == null ? open.cot() : data.template().cot();
            return new PromptForm(
                    cot,
                    open.examples(),
                    open.chat(),
                    open.system(),
                    stop == null ? open.stop() : stop,
                    open.template(),
                    token);
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
                token);
    }

    /** Where a model that goes on after its answer begins with a question of its own. */
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
