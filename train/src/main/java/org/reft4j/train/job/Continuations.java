package org.reft4j.train.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.DrawOptions;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Sheet;

/**
 * Continuations of one text, written by a model.
 *
 * @param text that was continued
 * @param start the same in tokens
 * @param seconds that it took
 */
public record Continuations(
        LoadedModel model, String text, Tokens start, List<Completion> completions, double seconds) {
    /** Most that are written at once. */
    private static final int TOGETHER = 64;

    /**
     * Lets a model continue a text.
     *
     * @param start the text in tokens
     * @param prompts hold what the continuation must look like
     * @param count number of continuations
     * @throws ConfigException if the text is empty or fills the model's context
     */
    public static Continuations of(
            LoadedModel model,
            String text,
            Tokens start,
            Prompts prompts,
            SamplingConfig sampling,
            int count,
            long seed) {
        int context = model.decoder().contextLength();
        ConfigException.check(!start.isEmpty(), "the prompt", "empty", "some text");
        ConfigException.check(
                start.size() < context,
                "the prompt",
                start.size() + " tokens long",
                "fewer than the model's context of " + context + " tokens");
        SplittableRandom keys = Seeds.stream(seed);
        List<Sampler.Draw> draws = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            draws.add(new Sampler.Draw(start, keys.nextLong(), DrawOptions.NONE, prompts.from(Tokens.of())));
        }
        long begin = System.nanoTime();
        List<Completion> completions = Sampler.sample(
                model.decoder(),
                draws,
                sampling,
                model.tokenizer(),
                ChatTemplate.ends(model.tokenizer()),
                Math.min(count, TOGETHER));
        return new Continuations(model, text, start, completions, (System.nanoTime() - begin) / 1e9);
    }

    /** Number of tokens written. */
    public long tokens() {
        return completions.stream().mapToLong(each -> each.tokens().size()).sum();
    }

    /** The texts for people; for programs also the tokens with their probabilities. */
    public Sheet sheet() {
        Sheet sheet = new Sheet();
        ObjectNode figures = sheet.figures();
        figures.put("model", model.path().toString());
        figures.put("prompt", text);
        figures.put("prompt-tokens", start.size());
        ArrayNode list = figures.putArray("completions");
        for (int i = 0; i < completions.size(); i++) {
            Completion completion = completions.get(i);
            String written = model.tokenizer().decode(completion.tokens());
            if (completions.size() > 1) {
                sheet.say(
                        "--- %d of %d (%s)",
                        i + 1, completions.size(), completion.stop().label());
            }
            sheet.say("%s", written);
            put(list.addObject(), completion, written);
        }
        figures.put("tokens", tokens());
        figures.set("seconds", Results.number(seconds));
        return sheet;
    }

    private static void put(ObjectNode entry, Completion completion, String written) {
        entry.put("text", written);
        entry.put("tokens", completion.tokens().size());
        entry.put("stop", completion.stop().label());
        ArrayNode ids = entry.putArray("ids");
        ArrayNode logprobs = entry.putArray("logprobs");
        float[] certainty = completion.logprobs();
        for (int t = 0; t < certainty.length; t++) {
            ids.add(completion.tokens().get(t));
            logprobs.add(certainty[t]);
        }
    }
}
