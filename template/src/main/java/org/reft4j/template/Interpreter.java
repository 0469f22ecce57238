package org.reft4j.template;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Statement.Target;

/** Executes the statements of a template, for one rendering. */
final class Interpreter {
    private final IdentityHashMap<List<Statement>, Set<String>> hidden;
    private final ExpressionEvaluator evaluator;
    private final Budget budget;
    private final StringBuilder main = new StringBuilder();
    private final List<JinjaTemplate.Rendering.Span> generated = new ArrayList<>();
    private StringBuilder out = main;
    private int line = 1;
    private boolean hiddenGeneration;

    private Interpreter(Program program, ExpressionEvaluator evaluator) {
        this.hidden = program.hidden();
        this.evaluator = evaluator;
        this.budget = evaluator.budget();
    }

    /** Ways in which a statement ends. */
    private enum End {
        NORMAL,
        BREAK,
        CONTINUE
    }

    /**
     * Renders a template.
     *
     * @param name for messages
     * @param scope with the functions and the variables
     * @throws TemplateException if the template fails, on purpose or not, or takes more than it may
     */
    static JinjaTemplate.Rendering render(String name, Program program, ExpressionEvaluator evaluator, Scope scope) {
        Interpreter interpreter = new Interpreter(program, evaluator);
        try {
            interpreter.run(program.statements(), new Scope(scope));
            return new JinjaTemplate.Rendering(
                    interpreter.main.toString(), interpreter.generated, interpreter.hiddenGeneration);
        } catch (TemplateFault fault) {
            throw new TemplateException(name, interpreter.line, fault.reason(), fault);
        } catch (StackOverflowError overflow) {
            throw new TemplateException(
                    name,
                    interpreter.line,
                    "the template nests deeper than this thread's stack; use another",
                    overflow);
        }
    }

    private End run(List<Statement> statements, Scope scope) {
        hidden.getOrDefault(statements, Set.of()).forEach(scope::hide);
        for (Statement statement : statements) {
            line = statement.line();
            budget.enter();
            End end = run(statement, scope);
            budget.leave();
            if (end != End.NORMAL) {
                return end;
            }
        }
        return End.NORMAL;
    }

    private End run(Statement statement, Scope scope) {
        switch (statement) {
            case Statement.Data data -> write(data.text());
            case Statement.Print print -> write(PythonPrint.str(evaluator.value(print.value(), scope), budget));
            case Statement.Assign assign -> assign(assign.target(), evaluator.value(assign.value(), scope), scope);
            case Statement.AssignBody assign -> {
                Value text = capture(assign.body(), new Scope(scope));
                assign(assign.target(), filtered(text, assign.filters(), scope), scope);
            }
            case Statement.If condition -> {
                return branch(condition, scope);
            }
            case Statement.For loop -> {
                loop(loop, evaluator.value(loop.items(), scope), scope, 0);
            }
            case Statement.Break _ -> {
                return End.BREAK;
            }
            case Statement.Continue _ -> {
                return End.CONTINUE;
            }
            case Statement.MacroDefinition macro ->
                scope.set(macro.name(), macro(macro.name(), macro.callable(), scope));
            case Statement.CallBody call -> {
                Value caller = macro("caller", call.callable(), scope);
                write(PythonPrint.str(evaluator.call(call.call(), scope, Map.of("caller", caller)), budget));
            }
            case Statement.FilterBody filter -> {
                Value text = capture(filter.body(), new Scope(scope));
                write(PythonPrint.str(filtered(text, filter.filters(), scope), budget));
            }
            case Statement.With with -> {
                Scope inner = new Scope(scope);
                for (int i = 0; i < with.targets().size(); i++) {
                    assign(with.targets().get(i), evaluator.value(with.values().get(i), scope), inner);
                }
                return run(with.body(), inner);
            }
            case Statement.Block block -> {
                return run(block.body(), new Scope(scope));
            }
            case Statement.Generation generation -> generate(generation, scope);
        }
        return End.NORMAL;
    }

    private void write(String text) {
        budget.characters(text.length());
        if (out.length() + text.length() > Budget.LONGEST_TEXT) {
            throw new TemplateFault("the template writes more than " + Budget.LONGEST_TEXT / (1 << 20)
                    + " Mi characters and is stopped; use another template");
        }
        out.append(text);
    }

    /** Output of statements, as a value. */
    private Value capture(List<Statement> statements, Scope scope) {
        StringBuilder before = out;
        int lineBefore = line;
        out = new StringBuilder();
        run(statements, scope);
        Value text = Value.text(out.toString());
        out = before;
        line = lineBefore;
        return text;
    }

    private Value filtered(Value text, List<TemplateExpression.FilterCall> filters, Scope scope) {
        Value value = text;
        for (TemplateExpression.FilterCall filter : filters) {
            value = evaluator.filter(filter, value, scope);
        }
        return value;
    }

    private Macro macro(String name, Statement.Callable callable, Scope scope) {
        return new Macro(name, callable, scope, evaluator, inner -> capture(callable.body(), inner));
    }

    private void generate(Statement.Generation generation, Scope scope) {
        int from = out.length();
        run(generation.body(), new Scope(scope));
        if (out == main) {
            generated.add(new JinjaTemplate.Rendering.Span(from, out.length()));
        } else {
            hiddenGeneration = true;
        }
    }

    private End branch(Statement.If condition, Scope scope) {
        for (Statement.Branch branch : condition.branches()) {
            line = branch.line();
            if (evaluator.truth(branch.condition(), scope)) {
                return run(branch.body(), scope);
            }
        }
        return run(condition.otherwise(), scope);
    }

    private void assign(Target target, Value value, Scope scope) {
        switch (target) {
            case Statement.NameTarget name -> scope.set(name.name(), value);
            case Statement.TupleTarget tuple -> {
                List<Value> values = evaluator.operators().list(value);
                int expected = tuple.parts().size();
                if (values.size() != expected) {
                    throw new TemplateFault(
                            values.size() > expected
                                    ? "too many values to unpack (expected " + expected + ")"
                                    : "not enough values to unpack (expected " + expected + ", got " + values.size()
                                            + ")");
                }
                for (int i = 0; i < expected; i++) {
                    assign(tuple.parts().get(i), values.get(i), scope);
                }
            }
            case Statement.AttributeTarget attribute -> {
                if (!(scope.get(attribute.namespace()) instanceof Namespace namespace)) {
                    throw new TemplateFault("cannot assign attribute on non-namespace object");
                }
                budget.items(1);
                namespace.set(attribute.attribute(), value);
            }
        }
    }

    private void loop(Statement.For loop, Value items, Scope scope, int depth) {
        Iterator<Value> each = evaluator.operators().iterate(items);
        Integer known = loop.condition() == null ? Operators.length(items) : null;
        if (loop.condition() != null) {
            TemplateExpression condition = loop.condition();
            each = new Selection.Chosen(each, item -> {
                Scope inner = new Scope(scope);
                assign(loop.target(), item, inner);
                return evaluator.truth(condition, inner);
            });
        }
        LoopContext context = new LoopContext(each, known, depth, again(loop, scope, depth));
        boolean any = false;
        for (Value item = context.next(); item != null; item = context.next()) {
            any = true;
            budget.step();
            Scope inner = new Scope(scope);
            inner.set("loop", context);
            assign(loop.target(), item, inner);
            if (run(loop.body(), inner) == End.BREAK) {
                break;
            }
        }
        if (!any) {
            run(loop.otherwise(), new Scope(scope));
        }
    }

    /** Call of {@code loop(items)} within a recursive loop. */
    private @Nullable UnaryOperator<Value> again(Statement.For loop, Scope scope, int depth) {
        if (!loop.recursive()) {
            return null;
        }
        return items -> {
            StringBuilder before = out;
            out = new StringBuilder();
            budget.enter();
            loop(loop, items, scope, depth + 1);
            budget.leave();
            Value text = Value.text(out.toString());
            out = before;
            return text;
        };
    }
}
