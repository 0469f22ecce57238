package org.reft4j.train.learn;

import java.util.List;
import java.util.stream.Stream;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.rollout.Prompts;

/**
 * Rows of supervised training, cut off at a length; a row without any target left is left out.
 *
 * @param maxTokens longest row in tokens
 */
public record Targets(Prompts prompts, int maxTokens) {
    /** The annotated rows of a question: usually one, none without a chain of thought. */
    public List<Row> annotated(Question question) {
        return prompts.formatted(question).stream().flatMap(this::cut).toList();
    }

    /** A chain of thought that a model wrote for a question, as if it were the annotated one. */
    public Stream<Row> written(Question question, String chain) {
        return cut(new Row(
                prompts.prompt(question), prompts.tokenizer().encode(chain).append(prompts.endOfText())));
    }

    private Stream<Row> cut(Row row) {
        int room = maxTokens - row.prompt().size();
        return Stream.of(row)
                .filter(_ -> room > 0)
                .map(whole -> whole.completion().size() <= room
                        ? whole
                        : new Row(whole.prompt(), whole.completion().slice(0, room)));
    }
}
