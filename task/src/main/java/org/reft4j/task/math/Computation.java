package org.reft4j.task.math;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An expression of whole numbers, such as {@code (3 * 5) + 7}, with nothing in it but digits, brackets and the four operations.
 *
 * @param numbers those written in it, in its order
 * @param value exact
 */
public record Computation(List<Long> numbers, Rational value) {
    private static final int LONGEST = 400;
    private static final Pattern SIGNS = Pattern.compile("[0-9()+*/ -]+");
    /** Terms side by side are a product or a mixed number to mathematicians, two stars a power; here only the four operations count. */
    private static final Pattern OTHER = Pattern.compile("[0-9)] *\\(|\\) *[0-9]|[0-9] +[0-9]|\\*\\*");

    private static final Pattern NUMBER = Pattern.compile("[0-9]+");
    private static final int MOST_DIGITS = 9;

    public Computation {
        numbers = List.copyOf(numbers);
    }

    /** Reads a whole text; empty where it is anything else, or divides by zero. The signs × and ÷ and the Unicode minus are read too. */
    public static Optional<Computation> read(String text) {
        String plain = text.strip().replace('×', '*').replace('÷', '/').replace('\u2212', '-');
        if (plain.length() > LONGEST
                || !SIGNS.matcher(plain).matches()
                || OTHER.matcher(plain).find()) {
            return Optional.empty();
        }
        List<String> written =
                NUMBER.matcher(plain).results().map(MatchResult::group).toList();
        if (written.stream().anyMatch(number -> number.length() > MOST_DIGITS)) {
            return Optional.empty();
        }
        Rational value = value(plain);
        return value == null
                ? Optional.empty()
                : Optional.of(
                        new Computation(written.stream().map(Long::valueOf).toList(), value));
    }

    private static @Nullable Rational value(String plain) {
        try {
            ExpressionParser parser = new ExpressionParser(Token.all(plain), 0);
            Expression expression = parser.sum();
            return parser.at() == Token.all(plain).size()
                    ? expression.at(Map.of()).exact()
                    : null;
        } catch (UnreadableException _) {
            return null;
        }
    }

    /** True if its result is this number, exactly. */
    public boolean comesTo(Rational number) {
        return value.compareTo(number) == 0;
    }
}
