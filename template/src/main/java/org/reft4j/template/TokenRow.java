package org.reft4j.template;

import java.util.List;
import org.reft4j.template.Lexer.Token;

/** The tokens of a template, read one after another with one token in view. */
final class TokenRow {
    /** Levels of nesting in the writing of a template. */
    private static final int DEPTH = 150;

    private final List<Token> tokens;
    private int at;
    private int depth;

    TokenRow(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(at);
    }

    Token ahead() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = current();
        if (at < tokens.size() - 1) {
            at++;
        }
        return token;
    }

    /** Number of tokens that have been read. */
    int place() {
        return at;
    }

    /** True if a name stands among the tokens read since a place. */
    boolean named(String name, int since) {
        return tokens.subList(since, at).stream().anyMatch(token -> token.isName(name));
    }

    boolean skipOperator(String operator) {
        return skip(current().isOperator(operator));
    }

    boolean skipName(String name) {
        return skip(current().isName(name));
    }

    private boolean skip(boolean found) {
        if (found) {
            next();
        }
        return found;
    }

    Token expect(Token.Kind kind, String words) {
        if (!current().is(kind)) {
            throw unexpected(words);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    String expectName() {
        return expect(Token.Kind.NAME, "a name").text();
    }

    TemplateFault unexpected(String expected) {
        return new TemplateFault(
                "expected " + expected + ", but found '" + current().words() + "'");
    }

    void enter() {
        if (++depth > DEPTH) {
            throw new TemplateFault("the template is nested deeper than " + DEPTH + " levels; use another template");
        }
    }

    void leave() {
        depth--;
    }
}
