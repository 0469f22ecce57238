package org.reft4j.template;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * A template in Jinja, as the Python library jinja2 renders it in the environment that transformers sets up for chat templates.
 *
 * <p>Safe for many threads. A template is the work of strangers: what it may cost is bounded, and it can reach nothing but its variables.
 */
public final class JinjaTemplate {
    private final String name;
    private final Program program;

    private JinjaTemplate(String name, Program program) {
        this.name = name;
        this.program = program;
    }

    /**
     * Reads a template.
     *
     * @param name for messages
     * @throws TemplateException if it is not written as Jinja demands
     */
    public static JinjaTemplate read(String name, String source) {
        return new JinjaTemplate(name, Program.read(name, source));
    }

    /**
     * Renders it.
     *
     * @param variables by name, in the order in which they are set
     * @param clock for templates that write the date
     * @throws TemplateException if the template refuses its variables, fails, or takes more than it may
     */
    public Rendering render(Map<String, JsonNode> variables, Clock clock) {
        long characters = variables.values().stream()
                .mapToLong(value -> value.toString().length())
                .sum();
        ExpressionEvaluator evaluator = new ExpressionEvaluator(new Budget(characters));
        Scope globals = new Scope(null);
        Globals.define(globals, evaluator, clock);
        Scope scope = new Scope(globals);
        try {
            variables.forEach((variable, value) -> scope.set(variable, Json.read(value)));
        } catch (TemplateFault fault) {
            throw new TemplateException(name + ": " + fault.reason());
        }
        return Interpreter.render(name, program, evaluator, scope);
    }

    /**
     * The text that a template has written.
     *
     * @param generated the parts that the template marks as the assistant's, in order
     * @param hiddenGeneration whether the template also marks text that did not go straight into the result, but through a macro or a
     *     variable, so that its place in the result is not known
     */
    public record Rendering(String text, List<Span> generated, boolean hiddenGeneration) {

        public Rendering {
            generated = List.copyOf(generated);
        }

        /** Stretch of a text from a character, inclusive, to a character, exclusive. */
        public record Span(int from, int to) {}
    }
}
