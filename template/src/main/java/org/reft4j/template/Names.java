package org.reft4j.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.template.Statement.Target;

/**
 * Names of a body that hide those around it before they are assigned. The reference decides this when it compiles a template: a name that
 * a body assigns, outside of any {@code if} and before it reads it, belongs to the body from its beginning, unless a body around it
 * knows the name already. A loop above such an assignment thus does not see a variable of the same name that was given from outside.
 */
final class Names {
    private final IdentityHashMap<List<Statement>, Set<String>> hidden = new IdentityHashMap<>();

    private Names() {}

    /** The hidden names of a template's bodies, by body. */
    static IdentityHashMap<List<Statement>, Set<String>> hidden(List<Statement> template) {
        Names names = new Names();
        names.body(template, List.of(), null);
        return names.hidden;
    }

    /** Names that a body has read or assigned so far, and those of the bodies around it. */
    private static final class Seen {
        private final @Nullable Seen around;
        private final Set<String> known = new HashSet<>();
        private final Set<String> stored = new HashSet<>();
        private final Set<String> hidden = new HashSet<>();

        Seen(@Nullable Seen around) {
            this.around = around;
        }

        boolean knows(String name) {
            return known.contains(name) || (around != null && around.knows(name));
        }

        void load(String name) {
            if (!knows(name)) {
                known.add(name);
            }
        }

        void store(String name) {
            stored.add(name);
            if (known.add(name) && (around == null || !around.knows(name))) {
                hidden.add(name);
            }
        }

        Seen branch() {
            Seen branch = new Seen(around);
            branch.known.addAll(known);
            branch.stored.addAll(stored);
            branch.hidden.addAll(hidden);
            return branch;
        }

        /** Takes over what a branch has seen; what is assigned there only may come from outside as well. */
        void join(List<Seen> branches) {
            Set<String> before = Set.copyOf(stored);
            for (Seen branch : branches) {
                known.addAll(branch.known);
                stored.addAll(branch.stored);
            }
            hidden.removeIf(name -> !before.contains(name));
        }
    }

    private void body(List<Statement> body, List<String> parameters, @Nullable Seen around) {
        Seen seen = new Seen(around);
        seen.known.addAll(parameters);
        statements(body, seen);
        hidden.put(body, seen.hidden);
        inner(body, seen);
    }

    /** Names that a body itself reads and assigns, without the bodies in it. */
    private void statements(List<Statement> statements, Seen seen) {
        for (Statement statement : statements) {
            switch (statement) {
                case Statement.Print print -> each(print.value(), seen::load);
                case Statement.Assign assign -> {
                    each(assign.value(), seen::load);
                    store(assign.target(), seen);
                }
                case Statement.AssignBody assign -> store(assign.target(), seen);
                case Statement.For loop -> each(loop.items(), seen::load);
                case Statement.MacroDefinition macro -> seen.store(macro.name());
                case Statement.CallBody call -> each(call.call(), seen::load);
                case Statement.FilterBody filter -> filters(filter.filters(), seen::load);
                case Statement.With with -> with.values().forEach(value -> each(value, seen::load));
                case Statement.If condition -> condition(condition, seen);
                case Statement.Data _,
                        Statement.Break _,
                        Statement.Continue _,
                        Statement.Block _,
                        Statement.Generation _ -> {}
            }
        }
    }

    private void condition(Statement.If condition, Seen seen) {
        // As the reference has it: the branches of an elif are seen one after another, each from the same beginning.
        condition.branches().forEach(branch -> each(branch.condition(), seen::load));
        List<Seen> branches = new ArrayList<>();
        for (Statement.Branch branch : condition.branches()) {
            branches.add(seen.branch());
            statements(branch.body(), branches.getLast());
        }
        branches.add(seen.branch());
        statements(condition.otherwise(), branches.getLast());
        seen.join(branches);
    }

    private static void store(Target target, Seen seen) {
        switch (target) {
            case Statement.NameTarget name -> seen.store(name.name());
            case Statement.TupleTarget tuple -> tuple.parts().forEach(part -> store(part, seen));
            case Statement.AttributeTarget attribute -> seen.load(attribute.namespace());
        }
    }

    /** The bodies in a body, whose own names are all known by now. */
    private void inner(List<Statement> statements, Seen seen) {
        for (Statement statement : statements) {
            switch (statement) {
                case Statement.If condition -> {
                    condition.branches().forEach(branch -> inner(branch.body(), seen));
                    inner(condition.otherwise(), seen);
                }
                case Statement.For loop -> {
                    Seen targets = new Seen(null);
                    store(loop.target(), targets);
                    targets.known.add("loop");
                    body(loop.body(), List.copyOf(targets.known), seen);
                    body(loop.otherwise(), List.of(), seen);
                }
                case Statement.MacroDefinition macro -> macro(macro.callable(), seen);
                case Statement.CallBody call -> macro(call.callable(), seen);
                case Statement.AssignBody assign -> body(assign.body(), List.of(), seen);
                case Statement.FilterBody filter -> body(filter.body(), List.of(), seen);
                case Statement.Generation generation -> body(generation.body(), List.of(), seen);
                case Statement.Block block -> body(block.body(), List.of(), seen);
                case Statement.With with -> {
                    Seen targets = new Seen(null);
                    with.targets().forEach(target -> store(target, targets));
                    body(with.body(), List.copyOf(targets.known), seen);
                }
                case Statement.Data _,
                        Statement.Print _,
                        Statement.Assign _,
                        Statement.Break _,
                        Statement.Continue _ -> {}
            }
        }
    }

    private void macro(Statement.Callable macro, Seen seen) {
        List<String> parameters = new ArrayList<>(macro.signature().names());
        parameters.addAll(List.of("varargs", "kwargs", "caller"));
        body(macro.body(), parameters, seen);
    }

    private static void filters(List<TemplateExpression.FilterCall> filters, Consumer<String> read) {
        filters.forEach(filter ->
                each(new TemplateExpression.Filter(new TemplateExpression.Literal(Value.NONE), filter), read));
    }

    /** The names that an expression reads. A chain of operators may be long, so this does not call itself. */
    private static void each(@Nullable TemplateExpression expression, Consumer<String> read) {
        Deque<TemplateExpression> open = new ArrayDeque<>();
        add(open, expression);
        while (!open.isEmpty()) {
            switch (open.pop()) {
                case TemplateExpression.Literal _ -> {}
                case TemplateExpression.Name name -> read.accept(name.name());
                case TemplateExpression.ListOf list -> open.addAll(list.items());
                case TemplateExpression.TupleOf tuple -> open.addAll(tuple.items());
                case TemplateExpression.DictOf dict ->
                    dict.pairs().forEach(pair -> add(open, pair.key(), pair.value()));
                case TemplateExpression.Attribute attribute -> add(open, attribute.target());
                case TemplateExpression.Subscript subscript -> add(open, subscript.target(), subscript.index());
                case TemplateExpression.Slice slice ->
                    add(open, slice.target(), slice.start(), slice.stop(), slice.step());
                case TemplateExpression.Call call -> {
                    add(open, call.target());
                    arguments(call.arguments(), open);
                }
                case TemplateExpression.Filter filter -> {
                    add(open, filter.target());
                    arguments(filter.call().arguments(), open);
                }
                case TemplateExpression.Test test -> {
                    add(open, test.target());
                    arguments(test.arguments(), open);
                }
                case TemplateExpression.Not not -> add(open, not.operand());
                case TemplateExpression.Sign sign -> add(open, sign.operand());
                case TemplateExpression.Binary binary -> add(open, binary.left(), binary.right());
                case TemplateExpression.And and -> add(open, and.left(), and.right());
                case TemplateExpression.Or or -> add(open, or.left(), or.right());
                case TemplateExpression.Concat concat -> open.addAll(concat.parts());
                case TemplateExpression.Comparison comparison -> {
                    add(open, comparison.first());
                    comparison.rest().forEach(operand -> add(open, operand.value()));
                }
                case TemplateExpression.Conditional conditional ->
                    add(open, conditional.condition(), conditional.then(), conditional.otherwise());
            }
        }
    }

    private static void add(Deque<TemplateExpression> open, @Nullable TemplateExpression... parts) {
        for (TemplateExpression part : parts) {
            if (part != null) {
                open.push(part);
            }
        }
    }

    private static void arguments(TemplateExpression.CallArguments arguments, Deque<TemplateExpression> open) {
        open.addAll(arguments.positional());
        arguments.keywords().forEach(keyword -> open.push(keyword.value()));
        add(open, arguments.rest(), arguments.keywordRest());
    }
}
