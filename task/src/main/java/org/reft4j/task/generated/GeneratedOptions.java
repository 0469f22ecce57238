package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;

/** The settings of generated data while they are read: each is taken once, and what is left at the end is unknown. */
final class GeneratedOptions {
    private static final int MOST = 100_000;

    private final String dataset;
    private final Map<String, String> left;
    private final List<String> known = new ArrayList<>();

    GeneratedOptions(DataConfig config) {
        this.dataset = String.valueOf(config.dataset());
        this.left = new TreeMap<>(config.options());
    }

    /**
     * Numbers of questions.
     *
     * @param annotated train questions with a rationale
     * @param answers further train questions with an answer alone
     */
    record Sizes(int annotated, int answers, int validation, int test) {}

    /** The sizes, by default those of the word problems. */
    Sizes sizes() {
        WordProblemOptions usual = WordProblemOptions.DEFAULT;
        return new Sizes(
                whole("annotated", usual.annotated(), 0, MOST),
                whole("answers", usual.answers(), 0, MOST),
                whole("validation", usual.validation(), 0, MOST),
                whole("test", usual.test(), 0, MOST));
    }

    /** @throws DataException if it is no whole number from {@code least} to {@code most} */
    int whole(String name, int otherwise, int least, int most) {
        String text = take(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
            throw fault(name, text, "from " + least + " to " + most);
        } catch (NumberFormatException e) {
            throw new DataException(dataset + ": " + name + " is '" + text + "'; expected a whole number", e);
        }
    }

    /** @throws DataException if it is no share from 0 to 1 */
    double share(String name, double otherwise) {
        String text = take(name);
        try {
            double value = text == null ? otherwise : Double.parseDouble(text);
            if (value >= 0 && value <= 1) {
                return value;
            }
            throw fault(name, text, "a share from 0 to 1");
        } catch (NumberFormatException e) {
            throw new DataException(dataset + ": " + name + " is '" + text + "'; expected a number", e);
        }
    }

    /** @throws DataException if it is none of the words, of which the first is the default */
    String word(String name, String... words) {
        String text = take(name);
        if (text == null) {
            return words[0];
        }
        if (!List.of(words).contains(text)) {
            throw fault(name, text, String.join(" or ", words));
        }
        return text;
    }

    private @Nullable String take(String name) {
        known.add(name);
        return left.remove(name);
    }

    private DataException fault(String name, @Nullable String value, String expected) {
        return new DataException(dataset + ": " + name + " is " + value + "; expected " + expected);
    }

    /** @throws DataException for a name that nobody took */
    void requireNothingElse() {
        if (!left.isEmpty()) {
            throw new DataException(dataset + " has no setting '"
                    + left.keySet().iterator().next() + "'; it has " + String.join(", ", known));
        }
    }
}
