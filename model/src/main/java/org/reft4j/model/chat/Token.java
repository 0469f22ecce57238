package org.reft4j.model.chat;

/**
 * A piece of a template.
 *
 * @param text of a name or an operator as written, of a string without its quotes and escapes, of template text as it will appear
 * @param line from 1
 */
record Token(Kind kind, String text, int line) {
    enum Kind {
        DATA,
        BLOCK_BEGIN,
        BLOCK_END,
        VARIABLE_BEGIN,
        VARIABLE_END,
        NAME,
        STRING,
        INTEGER,
        REAL,
        OPERATOR,
        END
    }

    boolean is(Kind other) {
        return kind == other;
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }

    boolean isOperator(String operator) {
        return kind == Kind.OPERATOR && text.equals(operator);
    }

    /** As a message calls it. */
    String words() {
        return switch (kind) {
            case DATA -> "template text";
            case BLOCK_BEGIN -> "{%";
            case BLOCK_END -> "%}";
            case VARIABLE_BEGIN -> "{{";
            case VARIABLE_END -> "}}";
            case END -> "the end of the template";
            case STRING -> "a string";
            default -> text;
        };
    }
}
