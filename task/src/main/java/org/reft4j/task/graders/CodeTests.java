package org.reft4j.task.graders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.reft4j.ground.files.Json;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.ProgramRunner.Outcome;
import org.reft4j.sandbox.ProgramTask;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.Template;

/** Tests of a program: Python statements that must not raise, or standard inputs with the outputs that must come. */
sealed interface CodeTests {
    /** More would take minutes for each completion. */
    int MAX_TESTS = 200;

    /**
     * @return of each test, what went wrong; empty if it passed
     * @throws ProgramPoolException if programs cannot be run at all
     */
    List<String> run(String program, ProgramRunner programs, Duration timeout);

    /** Statements, run one after the other after the program, with its names. */
    record Statements(List<String> each) implements CodeTests {
        @Override
        public List<String> run(String program, ProgramRunner programs, Duration timeout) {
            return switch (programs.run(ProgramTask.tests(program, each), timeout)) {
                case Outcome.Returned(String lines, var _) -> matched(List.of(lines.split("\n", -1)));
                case Outcome.Raised(String error) -> Collections.nCopies(each.size(), "the program: " + error);
                case Outcome.Killed(String reason) -> runApart(program, programs, timeout, reason);
            };
        }

        /** A program may reach into the interpreter that its tests share. */
        private List<String> matched(List<String> lines) {
            return lines.size() == each.size()
                    ? lines
                    : Collections.nCopies(each.size(), "the program changed the outcomes of its tests");
        }

        /** One of them, or the program itself, took all the time: which one is only known if each is run by itself. */
        private List<String> runApart(String program, ProgramRunner programs, Duration timeout, String reason) {
            boolean blameless = each.size() > 1
                    && programs.run(ProgramTask.tests(program, List.of()), timeout) instanceof Outcome.Returned;
            if (!blameless) {
                return Collections.nCopies(each.size(), reason);
            }
            List<String> faults = new ArrayList<>();
            for (String test : each) {
                faults.add(
                        switch (programs.run(ProgramTask.tests(program, List.of(test)), timeout)) {
                            case Outcome.Returned(String line, var _) -> line;
                            case Outcome.Raised(String error) -> "the program: " + error;
                            case Outcome.Killed(String why) -> why;
                        });
            }
            return faults;
        }
    }

    /** Inputs and outputs; each input is given to the program in a run of its own. */
    record Pairs(List<Pair> each) implements CodeTests {
        @Override
        public List<String> run(String program, ProgramRunner programs, Duration timeout) {
            List<String> faults = new ArrayList<>();
            for (Pair pair : each) {
                faults.add(
                        switch (programs.run(ProgramTask.script(program, pair.input), timeout)) {
                            case Outcome.Returned(String output, var _) ->
                                bare(output).equals(bare(pair.output)) ? "" : "it wrote " + shown(output);
                            case Outcome.Raised(String error) -> error;
                            case Outcome.Killed(String reason) -> reason;
                        });
            }
            return faults;
        }

        /** Strips white space at the ends of lines and of the text, as judges of programs do. */
        private static String bare(String text) {
            return text.replaceAll("[ \\t\\r]+(?=\\n|\\z)", "").stripTrailing();
        }

        private static String shown(String output) {
            return output.isBlank() ? "nothing" : "'" + output.strip().replaceAll("\\s+", " ") + "'";
        }
    }

    /** A standard input and the standard output that must come. */
    record Pair(String input, String output) {}

    /** Sources of tests. */
    @FunctionalInterface
    interface Origin {
        /** @throws UnreadableException if the item has no tests where it should */
        CodeTests of(Template.Values values);
    }

    /** Exception for a field that should hold tests and does not. */
    final class UnreadableException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnreadableException(String message) {
            super(message);
        }
    }

    /** Tests that stand in the grader, or a template for those that stand in the items. */
    static Origin origin(GraderFields fields, String field) {
        JsonNode value = fields.required(field);
        if (value.isTextual()) {
            Template template = fields.template(field);
            return values -> ofText(template.fill(values));
        }
        try {
            CodeTests tests = of(value);
            return _ -> tests;
        } catch (UnreadableException e) {
            throw fields.fault(field, String.valueOf(e.getMessage()), "expected " + Reader.EXPECTED);
        }
    }

    /** A JSON list or object, or Python statements that are one test. */
    private static CodeTests ofText(String text) {
        String bare = text.strip();
        if (bare.startsWith("[") || bare.startsWith("{")) {
            try {
                return of(Json.WHOLE.readTree(bare));
            } catch (JsonProcessingException e) {
                // A statement may begin with a bracket too.
            }
        }
        if (bare.isEmpty()) {
            throw new UnreadableException("are empty");
        }
        return new Statements(List.of(text));
    }

    private static CodeTests of(JsonNode value) {
        List<JsonNode> entries = Reader.entries(value);
        if (entries.isEmpty() || entries.size() > MAX_TESTS) {
            throw new UnreadableException("are " + entries.size() + " tests, not 1 to " + MAX_TESTS);
        }
        if (entries.stream().allMatch(JsonNode::isTextual)) {
            return new Statements(entries.stream().map(JsonNode::textValue).toList());
        }
        return new Pairs(entries.stream().map(Reader::pair).toList());
    }

    /** Takes tests out of JSON. */
    final class Reader {
        static final String EXPECTED = "a list of Python statements, or of {\"input\": ..., \"output\": ...}";

        private Reader() {}

        /** Also of two lists beside each other, {@code {"inputs": [...], "outputs": [...]}}, as public datasets have them. */
        private static List<JsonNode> entries(JsonNode value) {
            List<JsonNode> entries = new ArrayList<>();
            JsonNode inputs = value.path("inputs");
            JsonNode outputs = value.path("outputs");
            if (inputs.isArray() && outputs.size() == inputs.size()) {
                for (int i = 0; i < inputs.size(); i++) {
                    entries.add(Json.PLAIN
                            .createObjectNode()
                            .<com.fasterxml.jackson.databind.node.ObjectNode>set("input", inputs.get(i))
                            .set("output", outputs.get(i)));
                }
            } else if (value.isArray()) {
                value.forEach(entries::add);
            } else {
                throw new UnreadableException("are " + GraderFields.shown(value) + ", not a list");
            }
            return entries;
        }

        private static Pair pair(JsonNode entry) {
            JsonNode input = entry.path(entry.has("stdin") ? "stdin" : "input");
            JsonNode output = entry.path(entry.has("stdout") ? "stdout" : "output");
            if (!output.isTextual() || !(input.isTextual() || input.isMissingNode())) {
                throw new UnreadableException(
                        "hold " + GraderFields.shown(entry) + ", not statements or texts of input and output");
            }
            return new Pair(input.asText(), output.textValue());
        }
    }
}
