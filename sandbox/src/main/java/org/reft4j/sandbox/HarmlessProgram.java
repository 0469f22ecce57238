package org.reft4j.sandbox;

import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides from its tokens whether a program can do nothing but compute: then it may run in a context that other programs use
 * too, which is several hundred times cheaper than a context of its own.
 *
 * <p>Why tokens are enough. Every way from a value to something shared goes through a name: a built-in function, an attribute,
 * an import, or a statement with a keyword of its own. An accepted program holds no name but the harmless built-ins and its
 * own, no attribute but {@code math}'s and the methods of containers and strings, no import but {@code math}, and none of the
 * keywords that create classes, catch errors, suspend or reach outer scopes. All values that such names lead to are immutable
 * or were made by the program, except the {@code math} module, which only a store to an attribute could change; the program's
 * globals are thrown away with it. Whatever this class is unsure about (format strings, letters outside ASCII, odd numbers) it
 * refuses: that costs time, never safety.
 */
final class HarmlessProgram {
    /** Judgement of the tokens. */
    enum Verdict {
        /** It can do nothing but compute. */
        HARMLESS,
        /** The same, if its syntax tree shows no attribute being stored to, which tokens cannot tell. */
        HARMLESS_UNLESS_STORING,
        /** It needs a context of its own. */
        UNKNOWN
    }

    private static final Set<String> KEYWORDS = Set.of(
            "False",
            "None",
            "True",
            "and",
            "assert",
            "break",
            "continue",
            "def",
            "elif",
            "else",
            "for",
            "if",
            "in",
            "is",
            "lambda",
            "not",
            "or",
            "pass",
            "raise",
            "return",
            "while");

    /** Words that do more than compute ({@code import} is judged apart), and the soft keywords of patterns and aliases. */
    private static final Set<String> REFUSED_WORDS = Set.of(
            "as",
            "async",
            "await",
            "class",
            "del",
            "except",
            "finally",
            "from",
            "global",
            "nonlocal",
            "try",
            "with",
            "yield",
            "match",
            "case",
            "type",
            "sympy");

    private static final Set<String> METHODS = Set.of(
            "add",
            "append",
            "capitalize",
            "clear",
            "copy",
            "count",
            "difference",
            "discard",
            "endswith",
            "extend",
            "find",
            "get",
            "index",
            "insert",
            "intersection",
            "is_integer",
            "isalpha",
            "isdecimal",
            "isdigit",
            "isnumeric",
            "items",
            "join",
            "keys",
            "lower",
            "lstrip",
            "pop",
            "remove",
            "replace",
            "reverse",
            "rstrip",
            "setdefault",
            "sort",
            "split",
            "splitlines",
            "startswith",
            "strip",
            "title",
            "union",
            "update",
            "upper",
            "values",
            "zfill");

    private static final Pattern NUMBER =
            Pattern.compile("[0-9][0-9_]*([eE][0-9_]*)?[jJ]?|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+");
    private static final Pattern STRING_PREFIX = Pattern.compile("[rRuUbB]|[rR][bB]|[bB][rR]");
    private static final Pattern MATH_ALIAS = Pattern.compile("math( +as +[a-zA-Z][a-zA-Z0-9_]*)?");

    private final Set<String> forbiddenNames;
    private final Set<String> attributes;

    /**
     * @param forbiddenNames names of the interpreter that a program of a shared context must not use
     * @param mathNames what {@code math} holds
     */
    HarmlessProgram(Set<String> forbiddenNames, Set<String> mathNames) {
        this.forbiddenNames = Set.copyOf(forbiddenNames);
        Set<String> safe = new HashSet<>(METHODS);
        safe.addAll(mathNames);
        this.attributes = Set.copyOf(safe);
    }

    Verdict judge(String program) {
        return new Reading(program).judge();
    }

    private static boolean isWordPart(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || isDigit(c);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** True if some reader of the text might see a line end, or an end of text, where this class sees none. */
    private static boolean hasControl(String text) {
        return text.chars()
                .anyMatch(c -> (c < ' ' && c != '\t' && c != '\n') || (c >= 0x7f && c <= 0x9f) || (c | 1) == 0x2029);
    }

    /** One pass over one program. Each method returns whether what it passed is harmless. */
    private final class Reading {
        private final String text;
        private int at;
        /** True if the last token, white space and comments aside, was a dot: then a word is an attribute. */
        private boolean afterDot;

        private boolean mayStore;

        Reading(String text) {
            this.text = text;
        }

        Verdict judge() {
            while (at < text.length()) {
                if (!token()) {
                    return Verdict.UNKNOWN;
                }
            }
            return mayStore ? Verdict.HARMLESS_UNLESS_STORING : Verdict.HARMLESS;
        }

        private boolean token() {
            char c = text.charAt(at);
            if (c == ' ' || c == '\t' || c == '\n') {
                at++; // a line end too is but white space inside brackets, so it must not end an attribute access
                return true;
            }
            if (c == '\\') {
                at += 2;
                return text.startsWith("\\\n", at - 2);
            }
            if (c == '#') {
                return comment();
            }
            if (c == '"' || c == '\'') {
                return string();
            }
            if (isDigit(c)) {
                return number();
            }
            if (isWordPart(c)) {
                return word();
            }
            afterDot = c == '.';
            at++;
            return c != '@' && c > ' ' && c < 0x7f;
        }

        private boolean comment() {
            int start = at;
            at = text.indexOf('\n', at);
            at = at < 0 ? text.length() : at;
            String comment = text.substring(start, at);
            return !comment.contains("coding") && !hasControl(comment); // a declared encoding changes what follows
        }

        private boolean string() {
            int start = at;
            String quote = text.substring(at, at + 1);
            String end = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote;
            at += end.length();
            afterDot = false;
            while (at < text.length()) {
                if (text.startsWith(end, at)) {
                    at += end.length();
                    return !hasControl(text.substring(start, at));
                }
                if (end.length() == 1 && text.charAt(at) == '\n') {
                    return false;
                }
                at += text.charAt(at) == '\\' ? 2 : 1;
            }
            return false;
        }

        private boolean number() {
            String number = run();
            afterDot = false;
            return NUMBER.matcher(number).matches();
        }

        private boolean word() {
            String word = run();
            if (at < text.length() && (text.charAt(at) == '"' || text.charAt(at) == '\'')) {
                return STRING_PREFIX.matcher(word).matches() && string();
            }
            if (afterDot) {
                afterDot = false;
                mayStore |= !callFollows();
                return attributes.contains(word);
            }
            if (word.equals("import")) {
                return mathImport();
            }
            return KEYWORDS.contains(word)
                    || !(REFUSED_WORDS.contains(word) || forbiddenNames.contains(word) || word.startsWith("__"));
        }

        /** True if a call follows: a name that is called where it stands cannot be assigned to there. */
        private boolean callFollows() {
            int next = at;
            while (next < text.length() && (text.charAt(next) == ' ' || text.charAt(next) == '\t')) {
                next++;
            }
            return next < text.length() && text.charAt(next) == '(';
        }

        private boolean mathImport() {
            int start = at;
            while (at < text.length() && "\n;#".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return MATH_ALIAS.matcher(text.substring(start, at).strip()).matches();
        }

        /** The letters, digits and underscores from here on. */
        private String run() {
            int start = at;
            while (at < text.length() && isWordPart(text.charAt(at))) {
                at++;
            }
            return text.substring(start, at);
        }
    }
}
