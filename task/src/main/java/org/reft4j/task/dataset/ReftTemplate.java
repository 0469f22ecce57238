package org.reft4j.task.dataset;

import org.reft4j.ground.text.PythonText;

/**
 * The prompt of the ReFT reference code, the same for all its datasets (mwp_ReFT, {@code train_rl_reft.py},
 * {@code setup_cot} and {@code tokenize_fn}).
 *
 * @param cot prose or program
 * @param programHead of no effect for prose
 */
public record ReftTemplate(Cot cot, ProgramHead programHead) implements PromptTemplate {
    /** Stands before the question. */
    public static final String INSTRUCTION = "Question:\n";

    /** Ends the prompt; what follows the last one is the chain of thought. */
    public static final String COT_TRIGGER = "\nAnswer reasoning:\n";

    /** Stands between prose and its answer. */
    public static final String ANSWER_TRIGGER = "\nTherefore, the answer is: ";

    /** Head of a program, given to the model when sampling. */
    public enum ProgramHead {
        /** {@code def solution():} and a docstring that repeats the question, as the reference does. */
        DOCSTRING,
        /**
         * {@code def solution():} alone, for data whose programs have no docstring: half the tokens. The line is left
         * open, since tokenizers join its end with the indent that follows, and a sampled text must begin as a learned
         * one does.
         */
        SIGNATURE
    }

    /** The template of the reference code. */
    public ReftTemplate(Cot cot) {
        this(cot, ProgramHead.DOCSTRING);
    }

    @Override
    public String prompt(Question question) {
        return INSTRUCTION + PythonText.strip(question.text()) + COT_TRIGGER;
    }

    @Override
    public String header(Question question) {
        return switch (cot) {
            case PROSE -> "";
            case PROGRAM ->
                switch (programHead) {
                    case SIGNATURE -> "def solution():";
                    case DOCSTRING -> "def solution():\n    \"\"\"" + PythonText.strip(question.text()) + "\"\"\"\n";
                };
        };
    }

    @Override
    public String target(Question question) {
        String rationale = question.rationale();
        if (rationale == null) {
            throw new DataException("question " + question.id()
                    + " has no rationale, so there is nothing to imitate: leave it out of supervised training");
        }
        String stripped = PythonText.strip(rationale);
        return switch (cot) {
            case PROSE ->
                question.answer() instanceof Answer.Unknown
                        ? stripped
                        : stripped
                                + ANSWER_TRIGGER
                                + PythonText.strip(question.answer().raw());
            case PROGRAM -> stripped;
        };
    }
}
