package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.math.ProseToken.Kind;

/**
 * Collects an expression from prose, token by token. Words after a number are its unit. Where no operator stands between two numbers,
 * the expression begins anew with the second (before an equals sign), or has ended (after one).
 */
final class ProseExpression {
    private static final int MAX_PARTS = 200;
    /** 80 % of the 40. */
    private static final int MAX_WORDS_BEHIND_OF = 1;

    private final boolean restarts;
    private final List<ProseToken> parts = new ArrayList<>();
    private @Nullable ProseToken last;
    /** An unknown takes part, so that nothing can be computed. */
    private boolean symbolic;

    /** The words since the {@code of} of a share, or a negative number. */
    private int wordsSinceOf = -1;

    ProseExpression(boolean restarts) {
        this.restarts = restarts;
    }

    /** The numbers, operators and brackets; empty if there is no expression. */
    List<ProseToken> parts() {
        if (symbolic) {
            return List.of();
        }
        List<ProseToken> whole = new ArrayList<>(parts);
        while (!whole.isEmpty() && whole.getLast().kind() == Kind.OPERATOR) {
            if (restarts) {
                return List.of(); // something is to be added to what is no number
            }
            whole.removeLast();
        }
        return balanced(whole) ? whole : List.of();
    }

    private static boolean balanced(List<ProseToken> parts) {
        int depth = 0;
        for (ProseToken part : parts) {
            depth += part.kind() == Kind.OPEN ? 1 : part.kind() == Kind.CLOSE ? -1 : 0;
            if (depth < 0) {
                return false;
            }
        }
        return depth == 0 && parts.stream().anyMatch(part -> part.kind() == Kind.NUMBER);
    }

    /**
     * Takes a token, knowing the next one.
     *
     * @return whether the expression may go on
     */
    boolean take(ProseToken token, @Nullable ProseToken next) {
        boolean goesOn = switch (token.kind()) {
            case NUMBER -> number(token, next);
            case OPEN -> open(token);
            case CLOSE -> close(token);
            case OPERATOR -> operator(token, next);
            case WORD -> word(token, next);
            case EQUALS, BREAK -> false;
        };
        last = token;
        if (parts.size() > MAX_PARTS) {
            symbolic = true;
            parts.clear();
        }
        return goesOn && !symbolic;
    }

    private boolean number(ProseToken token, @Nullable ProseToken next) {
        if (endsInValue()) {
            if (wordsSinceOf >= 0 && wordsSinceOf <= MAX_WORDS_BEHIND_OF) {
                parts.add(new ProseToken(Kind.OPERATOR, "*", token.start(), token.start(), false));
            } else if (!isMixed(token, next)) {
                return restart(token);
            }
        }
        wordsSinceOf = -1;
        parts.add(token);
        return true;
    }

    private boolean open(ProseToken token) {
        if (endsInValue()) {
            boolean product = last != null && last.kind() != Kind.WORD;
            if (!product) {
                return restart(token);
            }
            parts.add(new ProseToken(Kind.OPERATOR, "*", token.start(), token.start(), false));
        }
        parts.add(token);
        return true;
    }

    private boolean close(ProseToken token) {
        boolean opened = parts.stream().filter(part -> part.kind() == Kind.OPEN).count()
                > parts.stream().filter(part -> part.kind() == Kind.CLOSE).count();
        if (!opened || !endsInValue()) {
            parts.clear();
            return restarts;
        }
        parts.add(token);
        return true;
    }

    private boolean operator(ProseToken token, @Nullable ProseToken next) {
        boolean beforeWord =
                next != null && next.kind() == Kind.WORD && !next.text().equals("by");
        if (token.text().equals("/") && beforeWord) {
            return restarts; // dollars/hour
        }
        if (beforeWord) {
            symbolic |= restarts;
            return restarts;
        }
        if (endsInValue()) {
            parts.add(token);
            return true;
        }
        boolean sign = token.text().equals("-") && (last == null || last.kind() != Kind.WORD);
        if (sign) {
            parts.add(token);
            return true;
        }
        symbolic |= restarts && last != null && last.kind() == Kind.WORD;
        parts.clear();
        return restarts;
    }

    private boolean word(ProseToken token, @Nullable ProseToken next) {
        String lower = token.text().toLowerCase(Locale.ROOT);
        boolean cross = lower.equals("x") && next != null && (next.kind() == Kind.NUMBER || next.kind() == Kind.OPEN);
        if (cross && endsInValue()) {
            parts.add(new ProseToken(Kind.OPERATOR, "*", token.start(), token.end(), false));
            return true;
        }
        if (isUnknown(token, next)) {
            symbolic = true;
            return false;
        }
        if (lower.equals("of") && endsInShare()) {
            wordsSinceOf = 0;
        } else if (wordsSinceOf >= 0) {
            wordsSinceOf++;
        }
        boolean operand = last != null && last.kind() == Kind.OPERATOR;
        return restarts || operand;
    }

    /** True if a single letter stands for a number rather than for a unit or an article. */
    private boolean isUnknown(ProseToken token, @Nullable ProseToken next) {
        boolean attached = last != null && last.kind() == Kind.NUMBER && token.touches(last);
        if (token.text().length() != 1 || ("aAI".contains(token.text()) && !attached)) {
            return false;
        }
        boolean unit = Units.isLetter(token.text());
        if (last != null && (last.kind() == Kind.NUMBER || last.kind() == Kind.CLOSE)) {
            return !unit || (restarts && attached);
        }
        if (last != null && last.text().equals("/")) {
            return !unit;
        }
        return next == null || next.kind() == Kind.OPERATOR || next.kind() == Kind.EQUALS;
    }

    private boolean endsInValue() {
        return !parts.isEmpty()
                && (parts.getLast().kind() == Kind.NUMBER || parts.getLast().kind() == Kind.CLOSE);
    }

    /** True if it ends in what an {@code of} may follow: {@code 80 % of 40}, {@code 1/2 of 40}. */
    private boolean endsInShare() {
        return restarts
                && endsInValue()
                && last != null
                && last.kind() != Kind.WORD
                && (parts.getLast().percent()
                        || (parts.size() > 1
                                && parts.get(parts.size() - 2).text().equals("/")));
    }

    /** {@code 2 1/2}. */
    private boolean isMixed(ProseToken token, @Nullable ProseToken next) {
        return last != null
                && next != null
                && next.text().equals("/")
                && last.kind() == Kind.NUMBER
                && token.start() == last.end() + 1
                && isWhole(last)
                && isWhole(token);
    }

    private static boolean isWhole(ProseToken token) {
        return token.text().indexOf('.') < 0 && !token.percent();
    }

    private boolean restart(ProseToken token) {
        if (!restarts) {
            return false;
        }
        parts.clear();
        parts.add(token);
        return true;
    }

    /** For {@link ExpressionParser}; a number with a percent sign becomes a hundredth. */
    static List<Token> tokens(List<ProseToken> parts) {
        List<Token> tokens = new ArrayList<>();
        for (ProseToken part : parts) {
            boolean number = part.kind() == Kind.NUMBER;
            Token token = new Token(number ? Token.Kind.NUMBER : Token.Kind.SIGN, part.text(), true);
            if (part.percent()) {
                tokens.addAll(
                        List.of(sign("("), token, sign("/"), new Token(Token.Kind.NUMBER, "100", true), sign(")")));
            } else {
                tokens.add(token);
            }
        }
        return tokens;
    }

    /** The same, with what is written closely divided first: {@code 60 / 3/4} is 80. */
    static List<Token> closely(List<ProseToken> parts) {
        List<Token> tokens = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            boolean fraction = i > 0
                    && i + 2 < parts.size()
                    && parts.get(i - 1).text().equals("/")
                    && parts.get(i + 1).text().equals("/")
                    && parts.get(i + 1).touches(parts.get(i))
                    && parts.get(i + 2).touches(parts.get(i + 1));
            if (fraction) {
                tokens.add(sign("("));
                tokens.addAll(tokens(parts.subList(i, i + 3)));
                tokens.add(sign(")"));
                i += 2;
            } else {
                tokens.addAll(tokens(parts.subList(i, i + 1)));
            }
        }
        return tokens;
    }

    private static Token sign(String text) {
        return new Token(Token.Kind.SIGN, text, true);
    }
}
