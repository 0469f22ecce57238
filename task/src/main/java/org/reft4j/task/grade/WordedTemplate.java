package org.reft4j.task.grade;

import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;

/**
 * A prompt in words of one's own, with places such as <code>{{ item.question }}</code> for the fields of the data row. The text after the
 * prompt and the target stay those of the data's template.
 */
public final class WordedTemplate implements PromptTemplate {
    private final PromptTemplate data;
    private final Template words;

    /**
     * @param data how the data's questions are put otherwise
     * @throws GraderException if a place names anything but {@code item}, or there is none
     */
    public WordedTemplate(PromptTemplate data, String text) {
        this.data = data;
        this.words = words(text);
    }

    /**
     * Refuses a text that is no prompt.
     *
     * @throws GraderException that says why
     */
    public static void check(String text) {
        words(text);
    }

    private static Template words(String text) {
        Template template = Template.of(text, "prompt.template");
        if (!template.isAboutItem()) {
            throw new GraderException(
                    "prompt.template",
                    "\"" + text + "\"",
                    "a text with {{ item.question }} or another field of the data row");
        }
        return template;
    }

    /** The words in front of the first place, with which a model that goes on after its answer begins anew. */
    public String opening() {
        return words.opening();
    }

    @Override
    public Cot cot() {
        return data.cot();
    }

    /** @throws DataException if the data row lacks what the template names */
    @Override
    public String prompt(Question question) {
        words.absentIn(question.item()).ifPresent(place -> {
            throw new DataException("question " + question.id() + " has no " + place
                    + ", which prompt.template names; name a field that every row has");
        });
        return words.fill(Template.Values.of(question, ""));
    }

    @Override
    public String header(Question question) {
        return data.header(question);
    }

    @Override
    public String target(Question question) {
        return data.target(question);
    }
}
