package org.reft4j.task.dataset;

import java.util.Locale;
import java.util.OptionalDouble;
import org.reft4j.ground.text.PythonText;

/**
 * The right answer of a question. {@code raw} is the text of the data file: the target of supervised training repeats
 * it to the letter, whereas the comparison uses the parsed form.
 */
public sealed interface Answer {
    /** The text of the data file, such as {@code 203.0}. */
    String raw();

    /** A number where Python's {@code float} accepts the text without its commas, a text otherwise. */
    static Answer plain(String raw) {
        OptionalDouble number = PythonNumber.parse(PythonText.strip(raw.replace(",", "")));
        return number.isPresent() && Double.isFinite(number.getAsDouble())
                ? new Numeric(raw, number.getAsDouble())
                : new Text(raw);
    }

    /**
     * A number; equal within an absolute 0.01 (mwp_ReFT, {@code compare_answer_fn_mapper}).
     *
     * @param raw as in the file
     * @param value commas removed, parsed as Python's {@code float}
     */
    record Numeric(String raw, double value) implements Answer {}

    /**
     * A letter of a multiple-choice question; equal when the cleaned texts are.
     *
     * @param raw as in the file
     * @param letter lower case, quotes removed, stripped
     */
    record Choice(String raw, String letter) implements Answer {
        /** The letter of a data file's text. */
        public static Choice of(String raw) {
            return new Choice(raw, clean(raw));
        }

        /**
         * Comparison as in the reference code, of the target and of what a model wrote (mwp_ReFT, {@code post_process}).
         */
        public static String clean(String text) {
            return PythonText.strip(
                    text.toLowerCase(Locale.ROOT).replace("\"", "").replace("'", ""));
        }
    }

    /**
     * Free text, compared after stripping.
     *
     * @param raw as in the file
     */
    record Text(String raw) implements Answer {}

    /**
     * None that is known: the row has other fields, which a grader reads.
     *
     * @param row its place, and the names of its fields, for messages
     */
    record Unknown(String row) implements Answer {
        @Override
        public String raw() {
            return "";
        }
    }
}
