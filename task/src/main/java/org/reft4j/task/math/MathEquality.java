package org.reft4j.task.math;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Equality of a written answer and the reference answer: numbers in all their spellings, expressions, intervals, sets, equations,
 * letters, words.
 *
 * @param options strictness
 */
public record MathEquality(Options options) {
    private static final Pattern LETTER = Pattern.compile("\\(?\\s*([A-Ja-j])\\s*[).:]?");
    private static final Pattern CHOSEN =
            Pattern.compile("(?i)(?:option|choice|answer)?\\s*\\(?\\s*([A-J])\\s*(?:[).:,].*|$)", Pattern.DOTALL);
    private static final Set<String> VERDICTS = Set.of("yes", "no", "true", "false");
    private static final Pattern WORD = Pattern.compile("[a-z]++");

    /** Meanings of a percent sign. */
    public enum Percent {
        /** 50 % is 50 and also 0.5. */
        EITHER,
        /** 50 % is 0.5. */
        FRACTION,
        /** 50 % is 50. */
        NUMBER
    }

    /** Rules for the comparison of units. */
    public enum UnitRule {
        /** A reference's unit must be there. */
        AGREE,
        /** A unit must be the reference's where there is one. */
        IF_GIVEN,
        /** Units are dropped. */
        IGNORE
    }

    /**
     * @param relative how far a number may be from the reference, as a share of it; whole numbers must be equal
     * @param absolute the same, as a number; whole numbers too
     * @param round whether a number counts that is the reference when rounded to the reference's decimals
     */
    public record Options(double relative, double absolute, boolean round, Percent percent, UnitRule units) {
        public static final Options DEFAULT = new Options(1e-6, 0, false, Percent.EITHER, UnitRule.AGREE);
    }

    /** Tells if the answer is the reference, both stripped of the text around them. Never throws. */
    public boolean equal(String reference, String answer) {
        return equal(reference, new FinalAnswer(FinalAnswer.trim(answer), "\\boxed"));
    }

    /** Tells if the answer, as found in a text, is the reference. Never throws. */
    public boolean equal(String reference, FinalAnswer answer) {
        String wanted = FinalAnswer.trim(reference);
        String given = answer.text();
        if (bare(wanted).equals(bare(given))) {
            return !bare(wanted).isEmpty();
        }
        String word = words(wanted);
        if (VERDICTS.contains(word)) {
            return verdict(given).equals(word);
        }
        Matcher letter = LETTER.matcher(plain(wanted).strip());
        if (letter.matches() && choice(given).equalsIgnoreCase(letter.group(1))) {
            return true;
        }
        if (word.codePoints().allMatch(c -> Character.isLetter(c) || c == ' ') && word.equals(words(given))) {
            return true;
        }
        Optional<MathAnswer> target = AnswerParser.parse(wanted);
        if (target.isEmpty()) {
            return word.equals(words(given));
        }
        List<MathAnswer> readings = AnswerReading.all(given, answer.isMarked());
        return new AnswerComparison(options).isAny(target.get(), readings);
    }

    /** Tells if anything in the answer can be compared with such a reference. */
    public boolean isReadable(String reference, FinalAnswer answer) {
        String wanted = FinalAnswer.trim(reference);
        if (VERDICTS.contains(words(wanted))) {
            return !verdict(answer.text()).isEmpty();
        }
        if (LETTER.matcher(plain(wanted).strip()).matches()
                && !choice(answer.text()).isEmpty()) {
            return true;
        }
        Optional<MathAnswer> target = AnswerParser.parse(wanted);
        return target.isEmpty()
                || AnswerComparison.isComparable(target.get(), AnswerReading.all(answer.text(), answer.isMarked()));
    }

    private static String verdict(String given) {
        Matcher word = WORD.matcher(given.toLowerCase(Locale.ROOT));
        while (word.find()) {
            if (VERDICTS.contains(word.group())) {
                return word.group();
            }
        }
        return "";
    }

    private static String choice(String given) {
        Matcher chosen = CHOSEN.matcher(plain(given).strip());
        return chosen.matches() ? chosen.group(1) : "";
    }

    private static String bare(String text) {
        return text.replaceAll("\\s+", "");
    }

    /** For comparing words: small letters, one space between, no article, no punctuation around. */
    private static String words(String text) {
        return FinalAnswer.trim(plain(text).toLowerCase(Locale.ROOT))
                .replaceAll("\\s+", " ")
                .replaceFirst("^(?:the|an?) ", "");
    }

    private static String plain(String text) {
        try {
            return LatexText.plain(text);
        } catch (UnreadableException e) {
            return text;
        }
    }
}
