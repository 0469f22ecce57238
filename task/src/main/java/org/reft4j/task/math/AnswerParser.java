package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.reft4j.task.math.MathAnswer.Quantity;
import org.reft4j.task.math.MathAnswer.Relation;
import org.reft4j.task.math.MathAnswer.Several;

/** Reads a whole text as one answer: a quantity, an interval, a list, an equation. */
final class AnswerParser {
    private static final int MAX_LENGTH = 2000;
    private static final int MAX_DEPTH = 8;
    private static final int MAX_UNIT_TOKENS = 12;
    private static final Set<String> CURRENCIES = Set.of("$", "€", "£", "¥", "₹", "rs", "usd", "eur", "gbp", "inr");
    private static final Map<String, Integer> MAGNITUDES =
            Map.of("thousand", 3, "million", 6, "billion", 9, "trillion", 12);
    private static final Set<String> PERCENT = Set.of("percent", "pct");
    private static final Set<String> RELATIONS = Set.of("=", "≈", "!=", "<", "<=", ">", ">=");

    private final List<Token> tokens;
    private int at;
    private int depth;

    private AnswerParser(List<Token> tokens) {
        this.tokens = tokens;
    }

    /** The answer that the text is, if it is one. */
    static Optional<MathAnswer> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(Token.all(LatexText.plain(text))));
        } catch (UnreadableException e) {
            return Optional.empty();
        }
    }

    private static MathAnswer parse(List<Token> tokens) {
        int both = indexOf(tokens, "±");
        if (both >= 0) {
            return new Several(',', ',', List.of(parse(with(tokens, both, "+")), parse(with(tokens, both, "-"))));
        }
        AnswerParser parser = new AnswerParser(moneyFirst(tokens));
        MathAnswer answer = parser.list(',', ',');
        if (parser.peek().kind() != Token.Kind.END) {
            throw new UnreadableException("'" + parser.peek().text() + "' is left over");
        }
        return answer;
    }

    private static int indexOf(List<Token> tokens, String sign) {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).isAny(sign)) {
                return i;
            }
        }
        return -1;
    }

    private static List<Token> with(List<Token> tokens, int index, String sign) {
        List<Token> changed = new ArrayList<>(tokens);
        changed.set(index, new Token(Token.Kind.SIGN, sign, true));
        if (indexOf(changed, "±") >= 0) {
            throw new UnreadableException("more than one ±");
        }
        return changed;
    }

    /** {@code -$5} as {@code $-5}. */
    private static List<Token> moneyFirst(List<Token> tokens) {
        List<Token> ordered = new ArrayList<>(tokens);
        for (int i = 0; i + 1 < ordered.size(); i++) {
            boolean starts = i == 0 || ordered.get(i - 1).isAny(",", ";", "(", "[", "{", "=", "<", ">");
            if (starts && ordered.get(i).isAny("-") && isCurrency(ordered.get(i + 1))) {
                Collections.swap(ordered, i, i + 1);
            }
        }
        return ordered;
    }

    /** One item by itself, or several within these brackets. */
    private MathAnswer list(char open, char close) {
        List<MathAnswer> items = new ArrayList<>();
        do {
            items.add(union());
        } while (takeSeparator());
        return items.size() == 1 && open == ',' ? items.getFirst() : new Several(open, close, items);
    }

    private boolean takeSeparator() {
        boolean found = false;
        while (peek().isAny(",", ";") || (peek().isWord() && ExpressionParser.SEPARATORS.contains(peek().lower()))) {
            at++;
            found = true;
        }
        return found;
    }

    private MathAnswer union() {
        MathAnswer first = relation();
        if (!isUnion()) {
            return first;
        }
        List<MathAnswer> items = new ArrayList<>(List.of(first));
        while (isUnion()) {
            at++;
            items.add(relation());
        }
        return new Several('∪', '∪', items);
    }

    private boolean isUnion() {
        return peek().isAny("∪") || (peek().is("U") && peek(1).isAny("(", "["));
    }

    private MathAnswer relation() {
        if (peek().isWord() && peek(1).isAny("∈")) {
            at += 2;
        }
        MathAnswer first = side();
        if (!isRelation()) {
            return first;
        }
        String sign = sign();
        MathAnswer second = side();
        if (!(first instanceof Quantity left)) {
            throw new UnreadableException("a list in an equation");
        }
        if (!(second instanceof Quantity middle)) {
            return second; // x = (1, 2)
        }
        if (!isRelation()) {
            return new Relation(left.expression(), sign, middle);
        }
        return chain(left, sign, middle);
    }

    /** {@code 1 < x <= 3} is an interval, {@code x = 2 + 3 = 5} means its two ends. */
    private MathAnswer chain(Quantity first, String firstSign, Quantity middle) {
        Quantity last = middle;
        String lastSign = firstSign;
        int signs = 1;
        while (isRelation()) {
            lastSign = sign();
            if (!(side() instanceof Quantity quantity)) {
                throw new UnreadableException("a list in an equation");
            }
            last = quantity;
            signs++;
        }
        if (firstSign.equals("=") && lastSign.equals("=")) {
            return new Relation(first.expression(), "=", last);
        }
        if (signs == 2 && firstSign.startsWith("<") && lastSign.startsWith("<")) {
            return new Several(
                    firstSign.equals("<") ? '(' : '[', lastSign.equals("<") ? ')' : ']', List.of(first, last));
        }
        throw new UnreadableException("a chain of relations");
    }

    private boolean isRelation() {
        return peek().kind() == Token.Kind.SIGN && RELATIONS.contains(peek().text());
    }

    private String sign() {
        String sign = peek().text();
        at++;
        return sign.equals("≈") ? "=" : sign;
    }

    private MathAnswer side() {
        if (++depth > MAX_DEPTH) {
            throw new UnreadableException("nested too deeply");
        }
        MathAnswer side;
        if (peek().isAny("[", "{")) {
            side = brackets();
        } else if (peek().isAny("(")) {
            side = roundBrackets();
        } else {
            side = quantity();
        }
        depth--;
        return side;
    }

    /** A round bracket may be a pair, an open interval, or the beginning of an expression. */
    private MathAnswer roundBrackets() {
        int start = at;
        try {
            MathAnswer quantity = quantity();
            if (!peek().isAny("]")) {
                return quantity;
            }
        } catch (UnreadableException e) {
            // then it is a list
        }
        at = start;
        return brackets();
    }

    private MathAnswer brackets() {
        char open = peek().text().charAt(0);
        at++;
        if (peek().isAny(")", "]", "}")) {
            throw new UnreadableException("empty brackets");
        }
        MathAnswer inner = list(open, ')');
        if (!peek().isAny(")", "]", "}") || !(inner instanceof Several several)) {
            throw new UnreadableException("a bracket is not closed");
        }
        char close = peek().text().charAt(0);
        at++;
        return new Several(open, close, several.items());
    }

    private Quantity quantity() {
        String currency = takeCurrency();
        ExpressionParser parser = new ExpressionParser(tokens, at);
        Expression expression = parser.sum();
        at = parser.at();
        Integer zeros = peek().isWord() ? MAGNITUDES.get(peek().lower()) : null;
        if (zeros != null) {
            at++;
            Real factor = Real.of(Rational.of(10).power(zeros));
            expression = new Expression.Operation('*', expression, new Expression.Literal(factor, -1));
        }
        boolean percent = peek().isAny("%") || (peek().isWord() && PERCENT.contains(peek().lower()));
        at += percent ? 1 : 0;
        int start = at;
        String unit = unit();
        boolean words = at > start
                && tokens.get(start).isWord()
                && !Units.isKnown(tokens.get(start).text());
        if (words && !expression.variables().isEmpty()) {
            throw new UnreadableException("words, not a product of letters");
        }
        return new Quantity(expression, Units.canonical(currency.isEmpty() ? unit : currency), percent);
    }

    private String takeCurrency() {
        if (!isCurrency(peek())) {
            return "";
        }
        String currency = peek().lower();
        at++;
        at += peek().isAny(".") ? 1 : 0;
        return currency;
    }

    private static boolean isCurrency(Token token) {
        return token.kind() != Token.Kind.NUMBER && CURRENCIES.contains(token.lower());
    }

    /** Words, and what stands between them in units: {@code km/h}, {@code cm^2}, {@code °}. */
    private String unit() {
        StringBuilder unit = new StringBuilder();
        int start = at;
        while (isUnitPart(start)) {
            if (at - start >= MAX_UNIT_TOKENS) {
                throw new UnreadableException("a sentence, not a unit");
            }
            unit.append(peek().isWord() && !unit.isEmpty() ? " " : "").append(peek().text());
            at++;
        }
        return unit.toString();
    }

    private boolean isUnitPart(int start) {
        Token token = peek();
        if (at == start && token.isAny("/", "^", ".", "-", "'")) {
            return false;
        }
        if (token.isWord()) {
            return !ExpressionParser.SEPARATORS.contains(token.lower())
                    && !token.lower().equals("u");
        }
        boolean exponent = token.kind() == Token.Kind.NUMBER
                && at > 0
                && tokens.get(at - 1).isAny("^");
        return exponent || isCurrency(token) || token.isAny("°", "/", "^", ".", "-", "'", "¢");
    }

    private Token peek() {
        return peek(0);
    }

    private Token peek(int ahead) {
        return at + ahead < tokens.size() ? tokens.get(at + ahead) : new Token(Token.Kind.END, "", false);
    }
}
