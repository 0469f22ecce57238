package org.reft4j.task.dataset;

/**
 * Prompt template: wording of a question for a model, to the letter of the reference code. The pieces of one training
 * item are {@code prompt + target}; the pieces of one rollout are {@code prompt + header + sampled text}, where the
 * header (the program's first lines) is given to the model and not learned, and a grader reads
 * {@code header + sampled text}.
 */
public interface PromptTemplate {
    Cot cot();

    /** The question with its instruction and the trigger of the reasoning. */
    String prompt(Question question);

    /** Text after the prompt when sampling: for programs the function's head, for prose the empty string. */
    String header(Question question);

    /**
     * Target of supervised training after the prompt, without the end-of-text token.
     *
     * @throws DataException if the question has no rationale
     */
    String target(Question question);
}
