package org.reft4j.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.reft4j.template.Lexer.Token;
import org.reft4j.template.Statement.Target;

/** Reads the statements of a template. */
final class Parser {
    /** Characters in the longest template; those of published models have at most some ten thousand. */
    private static final int LONGEST = 1 << 20;

    private static final Set<String> CONSTANTS = Set.of("true", "True", "false", "False", "none", "None");

    private final TokenRow tokens;
    private final TemplateExpressionParser expressions;
    /** The tag that {@link #statements} ended with last. */
    private String ended = "";

    private Parser(List<Token> tokens) {
        this.tokens = new TokenRow(tokens);
        this.expressions = new TemplateExpressionParser(this.tokens);
    }

    /**
     * The statements of a template.
     *
     * @param name for messages
     * @throws TemplateException if it is not written as Jinja demands
     */
    static List<Statement> parse(String name, String source) {
        if (source.length() > LONGEST) {
            throw new TemplateException(name + ": a template of " + source.length() + " characters, where at most "
                    + LONGEST + " are expected; use another template");
        }
        int line = 1;
        try {
            Parser parser = new Parser(Lexer.read(source));
            try {
                List<Statement> statements = parser.statements(List.of());
                if (!parser.tokens.current().is(Token.Kind.END)) {
                    throw parser.tokens.unexpected("the end of the template");
                }
                return statements;
            } finally {
                line = parser.tokens.current().line();
            }
        } catch (Lexer.SyntaxFault fault) {
            throw new TemplateException(name, fault.line(), String.valueOf(fault.getMessage()), fault);
        } catch (TemplateFault fault) {
            throw new TemplateException(name, line, fault.reason(), fault);
        }
    }

    /** Statements up to a tag of one of these names, which is left in view; to the end of the template if there are none. */
    private List<Statement> statements(List<String> ends) {
        tokens.enter();
        List<Statement> statements = new ArrayList<>();
        while (!tokens.current().is(Token.Kind.END)) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA -> statements.add(new Statement.Data(token.line(), token.text()));
                case VARIABLE_BEGIN -> {
                    statements.add(new Statement.Print(token.line(), expressions.tuple(true, null)));
                    tokens.expect(Token.Kind.VARIABLE_END, "}}");
                }
                default -> {
                    Token tag = tokens.expect(Token.Kind.NAME, "the name of a tag");
                    if (ends.contains(tag.text())) {
                        tokens.leave();
                        ended = tag.text();
                        return statements;
                    }
                    statements.addAll(statement(tag));
                    tokens.expect(Token.Kind.BLOCK_END, "%}");
                }
            }
        }
        if (!ends.isEmpty()) {
            throw tokens.unexpected("{% " + String.join(" %} or {% ", ends) + " %}");
        }
        tokens.leave();
        return statements;
    }

    /** The statements between the end of the present tag and another one. */
    private List<Statement> body(String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Token.Kind.BLOCK_END, "%}");
        return statements(List.of(ends));
    }

    private List<Statement> statement(Token tag) {
        int line = tag.line();
        return switch (tag.text()) {
            case "set" -> List.of(set(line));
            case "if" -> List.of(condition(line));
            case "for" -> List.of(loop(line));
            case "break" -> List.of(new Statement.Break(line));
            case "continue" -> List.of(new Statement.Continue(line));
            case "macro" -> List.of(macro(line));
            case "call" -> List.of(call(line));
            case "filter" -> List.of(new Statement.FilterBody(line, filters(true), body("endfilter")));
            case "with" -> List.of(with(line));
            case "print" -> print(line);
            case "block" -> List.of(block(line));
            case "generation" -> List.of(new Statement.Generation(line, body("endgeneration")));
            case "include", "import", "from", "extends", "autoescape" -> {
                throw new TemplateFault("{% " + tag.text() + " %} is not supported; use a template that stands alone");
            }
            default -> throw new TemplateFault("there is no tag {% " + tag.text() + " %} here");
        };
    }

    private Statement set(int line) {
        Target target = target(true);
        if (tokens.skipOperator("=")) {
            return new Statement.Assign(line, target, expressions.tuple(true, null));
        }
        return new Statement.AssignBody(line, target, filters(false), body("endset"));
    }

    /** @param started whether the first filter stands without a bar */
    private List<TemplateExpression.FilterCall> filters(boolean started) {
        List<TemplateExpression.FilterCall> filters = new ArrayList<>();
        if (started) {
            filters.add(expressions.filter());
        }
        while (tokens.skipOperator("|")) {
            filters.add(expressions.filter());
        }
        return filters;
    }

    /** A name, or several with commas. */
    private Target target(boolean attributes) {
        List<Target> parts = new ArrayList<>();
        boolean tuple = false;
        while (beginsTarget()) {
            parts.add(singleTarget(attributes));
            if (!tokens.skipOperator(",")) {
                break;
            }
            tuple = true;
        }
        if (parts.isEmpty()) {
            throw tokens.unexpected("a name to assign to");
        }
        return parts.size() == 1 && !tuple ? parts.getFirst() : new Statement.TupleTarget(parts);
    }

    private boolean beginsTarget() {
        Token token = tokens.current();
        return token.isOperator("(") || (token.is(Token.Kind.NAME) && !token.isName("in"));
    }

    private Target singleTarget(boolean attributes) {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target inner = target(attributes);
            tokens.leave();
            tokens.expectOperator(")");
            return inner;
        }
        String name = assignable();
        return attributes && tokens.skipOperator(".")
                ? new Statement.AttributeTarget(name, tokens.expectName())
                : new Statement.NameTarget(name);
    }

    private String assignable() {
        String name = tokens.expectName();
        if (CONSTANTS.contains(name)) {
            throw new TemplateFault("nothing can be assigned to " + name);
        }
        return name;
    }

    private Statement condition(int line) {
        List<Statement.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        int branchLine = line;
        do {
            TemplateExpression condition = expressions.tuple(false, null);
            branches.add(new Statement.Branch(branchLine, condition, body("elif", "else", "endif")));
            branchLine = tokens.current().line();
        } while (ended.equals("elif"));
        if (ended.equals("else")) {
            otherwise = body("endif");
        }
        return new Statement.If(line, branches, otherwise);
    }

    private Statement loop(int line) {
        Target target = target(false);
        if (!tokens.skipName("in")) {
            throw tokens.unexpected("'in'");
        }
        TemplateExpression items = expressions.tuple(false, "recursive");
        TemplateExpression condition = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        List<Statement> body = body("else", "endfor");
        List<Statement> otherwise = ended.equals("else") ? body("endfor") : List.of();
        return new Statement.For(line, target, items, condition, recursive, body, otherwise);
    }

    private Statement macro(int line) {
        String name = assignable();
        Statement.Signature signature = signature();
        return new Statement.MacroDefinition(line, name, callable(signature, "endmacro"));
    }

    private Statement.Callable callable(Statement.Signature signature, String end) {
        int start = tokens.place();
        List<Statement> body = body(end);
        return new Statement.Callable(
                signature,
                body,
                tokens.named("varargs", start),
                tokens.named("kwargs", start),
                tokens.named("caller", start) || signature.names().contains("caller"));
    }

    private Statement.Signature signature() {
        tokens.expectOperator("(");
        List<String> names = new ArrayList<>();
        List<TemplateExpression> defaults = new ArrayList<>();
        while (!tokens.skipOperator(")")) {
            names.add(assignable());
            if (tokens.skipOperator("=")) {
                defaults.add(expressions.expression());
            } else if (!defaults.isEmpty()) {
                throw new TemplateFault("a parameter without a default follows one with a default");
            }
            if (!tokens.current().isOperator(")")) {
                tokens.expectOperator(",");
            }
        }
        return new Statement.Signature(names, defaults);
    }

    private Statement call(int line) {
        Statement.Signature signature = tokens.current().isOperator("(") ? signature() : Statement.Signature.NONE;
        if (expressions.expression() instanceof TemplateExpression.Call call) {
            return new Statement.CallBody(line, callable(signature, "endcall"), call);
        }
        throw new TemplateFault("{% call %} without a call");
    }

    private Statement with(int line) {
        List<Target> targets = new ArrayList<>();
        List<TemplateExpression> values = new ArrayList<>();
        while (!tokens.current().is(Token.Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(target(false));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(line, targets, values, body("endwith"));
    }

    private List<Statement> print(int line) {
        List<Statement> printed = new ArrayList<>();
        while (!tokens.current().is(Token.Kind.BLOCK_END)) {
            if (!printed.isEmpty()) {
                tokens.expectOperator(",");
            }
            printed.add(new Statement.Print(line, expressions.expression()));
        }
        return printed;
    }

    private Statement block(int line) {
        String name = tokens.expectName();
        tokens.skipName("scoped");
        Statement block = new Statement.Block(line, name, body("endblock"));
        tokens.skipName(name);
        return block;
    }
}
