package org.reft4j.task.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dataset in memory: its questions by split, how they are put to a model and by which rule an answer counts.
 *
 * @param name as in the part of {@code item_id} before the underscore; it selects the rules of extraction and comparison
 * @param template how a question becomes a prompt and a rationale becomes a target
 * @param train questions to learn from
 * @param validation questions to choose a model by, never trained on
 * @param test questions to report on, never chosen by
 * @param remarks what a reader should know: rows that look odd, a split that was made here, and how
 * @param grader the description of the grader that judges it unless another is named; {@code null}: answers are compared as the paper does
 */
public record Dataset(
        String name,
        PromptTemplate template,
        List<Question> train,
        List<Question> validation,
        List<Question> test,
        List<String> remarks,
        @Nullable JsonNode grader) {

    /** A dataset whose answers are compared. */
    public Dataset(
            String name,
            PromptTemplate template,
            List<Question> train,
            List<Question> validation,
            List<Question> test,
            List<String> remarks) {
        this(name, template, train, validation, test, remarks, null);
    }

    public Dataset {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
        test = List.copyOf(test);
        remarks = List.copyOf(remarks);
    }

    public List<Question> questions(Split split) {
        return switch (split) {
            case TRAIN -> train;
            case VALIDATION -> validation;
            case TEST -> test;
        };
    }
}
