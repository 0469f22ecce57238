package org.reft4j.task.dataset;

import java.util.List;
import java.util.stream.Collectors;
import org.reft4j.ground.text.PythonText;

/**
 * Puts annotated examples before each question, for a model that was not taught the task (few-shot prompting; Brown et al. 2020,
 * arXiv:2005.14165, section 2). An example is {@code prompt + target} of the template that is decorated, and a blank line. Head and target
 * of a question stay those of that template.
 *
 * @param plain how one question is put
 * @param examples the text before a question, as {@link #examples} makes it
 */
public record FewShotTemplate(PromptTemplate plain, String examples) implements PromptTemplate {
    /** Separator after each example. */
    public static final String SEPARATOR = "\n\n";

    /** Stop text: a model that goes on after its answer begins a question of its own with it. */
    public static final String STOP = SEPARATOR + PythonText.strip(ReftTemplate.INSTRUCTION);

    /**
     * The text of some examples, in their order.
     *
     * @throws DataException if one has no rationale
     */
    public static String examples(PromptTemplate plain, List<Question> shown) {
        return shown.stream()
                .map(question -> plain.prompt(question) + plain.target(question) + SEPARATOR)
                .collect(Collectors.joining());
    }

    /** True if a question is one of the examples. */
    public boolean shows(Question question) {
        return examples.contains(plain.prompt(question));
    }

    @Override
    public Cot cot() {
        return plain.cot();
    }

    @Override
    public String prompt(Question question) {
        return examples + plain.prompt(question);
    }

    @Override
    public String header(Question question) {
        return plain.header(question);
    }

    @Override
    public String target(Question question) {
        return plain.target(question);
    }
}
