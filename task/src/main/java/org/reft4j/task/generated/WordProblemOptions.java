package org.reft4j.task.generated;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.reft4j.task.dataset.DataException;

/**
 * Sizes and difficulty of the generated word problems; in a configuration each is an option of its name, in kebab case.
 *
 * @param annotated train questions with a rationale
 * @param answers further train questions with an answer alone
 * @param validation questions
 * @param test questions
 * @param stepsMin steps of arithmetic in the shortest story
 * @param stepsMax and in the longest; the option {@code steps} sets both
 * @param distractors share of stories with a number that does not matter
 * @param variety from 0, where the first words and tellings of the story book prevail, to 1, where all are as likely
 * @param choice whether to offer five options, of which the letter is the answer ({@code form=choice}), or ask for the
 *     number
 * @param maxNumber the largest number that a story starts with
 */
record WordProblemOptions(
        int annotated,
        int answers,
        int validation,
        int test,
        int stepsMin,
        int stepsMax,
        double distractors,
        double variety,
        boolean choice,
        int maxNumber) {

    /**
     * Variety decides how much of the test set a few hundred annotated stories cover. The default leaves most of it to be
     * learned from answers, yet lets a small model that imitated the annotated ones be right often enough to begin with.
     */
    static final WordProblemOptions DEFAULT = new WordProblemOptions(300, 3000, 300, 1000, 1, 4, 0.15, 0.2, false, 20);

    /** Short stories of small numbers that differ run out at some hundred thousands. */
    private static final int MOST = 100_000;

    private static final int LONGEST = 8;
    private static final int SMALLEST_RANGE = 10;

    WordProblemOptions {
        checkCount("annotated", annotated);
        checkCount("answers", answers);
        checkCount("validation", validation);
        checkCount("test", test);
        check(stepsMin >= 1 && stepsMin <= stepsMax, "steps-min", stepsMin, "from 1 to steps-max (" + stepsMax + ")");
        check(stepsMax <= LONGEST, "steps-max", stepsMax, "at most " + LONGEST);
        check(distractors >= 0 && distractors <= 1, "distractors", distractors, "a share from 0 to 1");
        check(variety >= 0 && variety <= 1, "variety", variety, "from 0 to 1");
        check(maxNumber >= SMALLEST_RANGE && maxNumber <= 1000, "max-number", maxNumber, "from 10 to 1000");
    }

    private static void checkCount(String name, int count) {
        check(count >= 0 && count <= MOST, name, count, "from 0 to " + MOST);
    }

    private static void check(boolean holds, String name, Object value, String expected) {
        if (!holds) {
            throw new DataException("wordproblems: " + name + " is " + value + "; expected " + expected);
        }
    }

    /** @throws DataException for an unknown name or a value out of range */
    static WordProblemOptions of(Map<String, String> options) {
        Map<String, String> left = new TreeMap<>(options);
        String steps = left.remove("steps");
        WordProblemOptions read = new WordProblemOptions(
                whole(left, "annotated", DEFAULT.annotated),
                whole(left, "answers", DEFAULT.answers),
                whole(left, "validation", DEFAULT.validation),
                whole(left, "test", DEFAULT.test),
                steps == null ? whole(left, "steps-min", DEFAULT.stepsMin) : whole("steps", steps),
                steps == null ? whole(left, "steps-max", DEFAULT.stepsMax) : whole("steps", steps),
                share(left, "distractors", DEFAULT.distractors),
                share(left, "variety", DEFAULT.variety),
                choice(left),
                whole(left, "max-number", DEFAULT.maxNumber));
        if (!left.isEmpty()) {
            throw new DataException("wordproblems has no setting '"
                    + left.keySet().iterator().next()
                    + "'; it has annotated, answers, validation, test, steps (or steps-min and steps-max), distractors, variety,"
                    + " form, max-number"
                    + (steps == null ? "" : ", where steps stands for both steps-min and steps-max"));
        }
        return read;
    }

    private static int whole(Map<String, String> options, String name, int otherwise) {
        String text = options.remove(name);
        return text == null ? otherwise : whole(name, text);
    }

    private static int whole(String name, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new DataException("wordproblems: " + name + " is '" + text + "'; expected a whole number", e);
        }
    }

    private static double share(Map<String, String> options, String name, double otherwise) {
        String text = options.remove(name);
        try {
            return text == null ? otherwise : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new DataException("wordproblems: " + name + " is '" + text + "'; expected a number", e);
        }
    }

    private static boolean choice(Map<String, String> options) {
        String form = options.remove("form");
        String named = form == null ? "number" : form.toLowerCase(Locale.ROOT);
        check(named.equals("number") || named.equals("choice"), "form", named, "number or choice");
        return named.equals("choice");
    }
}
