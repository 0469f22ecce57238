package org.reft4j.train.recipe;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.FewShotTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.run.Run;

/**
 * How questions are put to a model that no warm-up has taught the task. Without this section: as to the model that training begins with,
 * which is the paper's template unless that model was trained with another prompt. What is chosen here goes into every checkpoint.
 *
 * @param fewShot so many annotated training questions stand before each question, chosen by the run's seed; they are not asked
 * @param examples the ids of these questions, in their order, instead of the seed's choice
 * @param chat the question is a user's message, put by the model's chat template
 * @param system the system message before it
 * @param stop texts that end a completion; with examples a blank line and {@code Question:} unless given
 */
public record PromptConfig(
        @JsonProperty(defaultValue = "0") int fewShot,
        @Nullable List<String> examples,
        @JsonProperty(defaultValue = "false") boolean chat,
        @Nullable String system,
        @Nullable List<String> stop) {

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
                !chat || (fewShot == 0 && (examples == null || examples.isEmpty())),
                "prompt.chat",
                chat,
                "false with examples: a base model is shown some, a chat model is told");
        ConfigException.check(
                system == null || chat, "prompt.system", "given", "none without prompt.chat, whose template puts it");
        ConfigException.check(
                stop == null || stop.stream().noneMatch(String::isEmpty),
                "prompt.stop",
                String.valueOf(stop),
                "texts that are not empty");
    }

    /**
     * Questions as a run puts them to its model.
     *
     * @throws ConfigException if the form does not fit the data, the model, the lengths or what the run began with
     */
    static Prompts prompts(RecipeConfig config, Dataset data, ModelSources.Source source, Run run) {
        PromptConfig asked = config.prompt();
        PromptForm form = asked != null
                ? asked.form(data, config.seed())
                : source.stored().map(model -> PromptForm.of(model.path())).orElse(PromptForm.PLAIN);
        run.latest().map(Run.Checkpoint::folder).ifPresent(checkpoint -> requireSame(form, checkpoint));
        Prompts prompts = new Prompts(source.tokenizer(), data.template(), source.endOfText(), form);
        if (config instanceof RewardModelConfig judge) {
            prompts.requireRoom("max-tokens", judge.maxTokens());
        } else {
            prompts.requireRoom("evaluate.max-total-tokens", config.evaluate().maxTotalTokens());
        }
        return prompts;
    }

    private static void requireSame(PromptForm form, Path checkpoint) {
        if (!form.equals(PromptForm.of(checkpoint))) {
            throw new ConfigException("the checkpoint " + checkpoint
                    + " was trained with another prompt than the configuration, the data and model.path give now; put back what"
                    + " was changed, or begin a new run");
        }
    }

    /**
     * The form of every prompt of a run.
     *
     * @throws ConfigException if the data have not enough annotated training questions, or not those that are named
     */
    PromptForm form(Dataset data, long seed) {
        List<Question> annotated = data.train().stream()
                .filter(question -> question.rationale() != null && question.conversation() == null)
                .toList();
        List<Question> shown = examples == null ? chosen(annotated, seed) : named(examples, annotated);
        List<String> ends = stop != null ? stop : shown.isEmpty() ? List.of() : List.of(FewShotTemplate.STOP);
        if (shown.isEmpty() && !chat && ends.isEmpty()) {
            return PromptForm.PLAIN;
        }
        String text = FewShotTemplate.examples(data.template(), shown);
        return new PromptForm(data.template().cot(), text, chat, system, ends);
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
