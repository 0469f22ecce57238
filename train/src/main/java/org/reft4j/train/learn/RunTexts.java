package org.reft4j.train.learn;

import java.util.List;
import java.util.Map;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.Tokens;

/**
 * The texts that the model of a run will be given, made before the run begins.
 *
 * @param lengths their lengths, by name
 * @param prompts prompts that completions are sampled from
 * @param rows training rows; empty if the run has yet to sample them
 */
public record RunTexts(Map<String, RowLengths> lengths, List<Tokens> prompts, List<Row> rows) {
    /** Those of a recipe that samples what it learns from. */
    public static RunTexts asked(Questioner questioner) {
        List<Tokens> prompts = questioner.parts().stream()
                .flatMap(part -> part.stream().map(start -> start.tokens()))
                .toList();
        return new RunTexts(Map.of("training prompts", questioner.lengths()), prompts, List.of());
    }

    /**
     * Those of a recipe that learns from rows it has.
     *
     * @param name of the rows in plural
     * @param limit longest row in tokens
     */
    public static RunTexts learned(String name, List<Row> rows, int limit) {
        RowLengths lengths = RowLengths.of(rows.stream().map(Row::length).toList(), limit);
        return new RunTexts(
                Map.of(name, lengths), rows.stream().map(Row::prompt).toList(), rows);
    }
}
