package org.reft4j.task.dataset;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The answers of some questions by the way in which completions are compared with them.
 *
 * @param numbers compared by value
 * @param letters of multiple-choice questions
 * @param texts compared to the letter
 * @param none that a completion could be compared with
 * @param oneNumber those of the texts in which there is exactly one number
 */
public record AnswerCount(int numbers, int letters, int texts, int none, List<Question> oneNumber) {
    /** Not within a word, as in H2O; with thousands' commas, a sign and decimals. */
    private static final Pattern NUMBER =
            Pattern.compile("(?<![\\p{L}\\p{N}_.,])[-+\u2212]?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?");

    private static final int SHOWN = 40;

    public AnswerCount {
        oneNumber = List.copyOf(oneNumber);
    }

    /** Counts them. */
    public static AnswerCount of(List<Question> questions) {
        int numbers = 0;
        int letters = 0;
        int texts = 0;
        int none = 0;
        List<Question> oneNumber = new ArrayList<>();
        for (Question question : questions) {
            switch (question.answer()) {
                case Answer.Numeric _ -> numbers++;
                case Answer.Choice _ -> letters++;
                case Answer.Unknown _ -> none++;
                case Answer.Text(String raw) -> {
                    texts++;
                    if (holdsOneNumber(raw)) {
                        oneNumber.add(question);
                    }
                }
            }
        }
        return new AnswerCount(numbers, letters, texts, none, oneNumber);
    }

    private static boolean holdsOneNumber(String text) {
        Matcher matcher = NUMBER.matcher(text);
        return matcher.find() && !matcher.find();
    }

    /** Sentences on how completions are compared, unless another grader is named. */
    public List<String> compared() {
        List<String> lines = new ArrayList<>();
        add(lines, numbers, "a number", "numbers", "equal within 0.01");
        add(lines, letters, "a letter", "letters", "equal whatever the case");
        add(lines, texts, "a text", "texts", "equal only when the same to the letter, white space around them aside");
        if (none > 0) {
            lines.add(none + " questions have no answer: they need a grader, which reads the row's other fields");
        }
        return lines;
    }

    private static void add(List<String> lines, int count, String one, String many, String rule) {
        if (count > 0) {
            lines.add(count == 1 ? "1 answer is " + one + ": " + rule : count + " answers are " + many + ": " + rule);
        }
    }

    /** Advice on texts that hold one number; empty where there is none. */
    public List<String> advice() {
        if (oneNumber.isEmpty()) {
            return List.of();
        }
        String raw = oneNumber.getFirst().answer().raw();
        String shown = raw.length() > SHOWN ? raw.substring(0, SHOWN) + "…" : raw;
        return List.of(String.format(
                Locale.ROOT,
                "%d of the %d answers that are texts hold exactly one number, such as '%s' (%s): as a text it is met only to the"
                        + " letter. To compare numbers, leave the number alone in the field, or give grader: {type: math}, which reads"
                        + " it out of both",
                oneNumber.size(),
                texts,
                shown.replaceAll("\\s+", " "),
                oneNumber.getFirst().id()));
    }
}
