package org.reft4j.train.rollout;

import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;

/**
 * One completion that the policy sampled.
 *
 * @param sample its number among the completions of the same question in the step, from 0
 * @param prompt what sampling started from, the head of the answer included
 * @param completion the tokens sampled and how they ended
 * @param text what a grader reads: head and sampled text, up to a text that ends completions
 * @param head how many characters of the text were given to the model
 */
public record Rollout(Question question, int sample, Tokens prompt, Completion completion, String text, int head) {
    /** A rollout whose text was sampled as a whole. */
    public Rollout(Question question, int sample, Tokens prompt, Completion completion, String text) {
        this(question, sample, prompt, completion, text, 0);
    }

    /** The tokens as a model scores them, each among what it was drawn from. */
    public Row row() {
        return new Row(prompt, completion.tokens(), completion.supports());
    }
}
