package org.reft4j.task.generated;

import java.util.SplittableRandom;
import org.reft4j.ground.random.Seeds;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;

/**
 * The generated dataset {@code lookup}: a small table, or an order that is told pair by pair, and a question about it with one exact
 * answer. {@link LookupTable} and {@link LookupOrder} make them up.
 *
 * <p>The names of people are no part of a skeleton: what differs in names only is one question.
 */
final class Lookup {
    static final String NAME = "lookup";

    private static final int FEWEST = 3;
    private static final int MOST = 8;

    private Lookup() {}

    /**
     * A question made up.
     *
     * @param skeleton the same for questions that differ in names only
     */
    record Puzzle(String skeleton, String text, String answer, String rationale) {
        Question question(String id) {
            return new Question(id, text, Answer.plain(answer), rationale);
        }
    }

    /** @throws DataException if the options are unknown or out of range */
    static Dataset dataset(DataConfig config) {
        GeneratedSplits.requireProse(config);
        GeneratedOptions options = new GeneratedOptions(config);
        GeneratedOptions.Sizes sizes = options.sizes();
        String form = options.word("form", "both", "table", "order");
        int most = options.whole("rows-max", 5, FEWEST, MOST);
        int fewest = options.whole("rows-min", FEWEST, FEWEST, most);
        int columns = options.whole("columns", 3, 2, LookupTable.COLUMNS);
        int hops = options.whole("hops", 2, 1, 2);
        options.requireNothingElse();
        SplittableRandom random = Seeds.stream(config.seed());
        GeneratedSplits.Parts parts = new GeneratedSplits(NAME, () -> {
                    int rows = random.nextInt(fewest, most + 1);
                    boolean table = form.equals("table") || (form.equals("both") && random.nextBoolean());
                    Puzzle puzzle =
                            table ? LookupTable.puzzle(rows, columns, hops, random) : LookupOrder.puzzle(rows, random);
                    return new GeneratedSplits.Draw(puzzle.skeleton(), puzzle::question);
                })
                .deal(sizes);
        return new Dataset(
                NAME,
                new ReftTemplate(config.cot()),
                parts.train(),
                parts.validation(),
                parts.test(),
                GeneratedSplits.remarks(
                        config,
                        sizes,
                        fewest + " to " + most + " people; no two questions differ in the people's names only"));
    }
}
