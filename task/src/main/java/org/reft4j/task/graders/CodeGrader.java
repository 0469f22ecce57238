package org.reft4j.task.graders;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Template;

/**
 * {@code code}: runs the program that a completion holds against tests, in the sandbox; the score is the share of tests passed.
 */
final class CodeGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "code",
            "runs the sample's program against tests in the sandbox; pays the share passed",
            false,
            CodeGrader::read);

    /** For one test, in seconds. */
    private static final double TIMEOUT = 10;

    private static final int SHOWN = 100;

    private final Optional<Template> input;
    private final CodeTests.Origin tests;
    private final ProgramRunner programs;
    private final Duration timeout;

    private CodeGrader(Optional<Template> input, CodeTests.Origin tests, ProgramRunner programs, Duration timeout) {
        this.input = input;
        this.tests = tests;
        this.programs = programs;
        this.timeout = timeout;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        ProgramRunner programs = PythonGrader.runner(fields, tools);
        if (fields.value("language").isPresent()) {
            fields.word("language", List.of("python"));
        }
        Optional<Template> input = fields.value("input").map(_ -> fields.template("input"));
        Duration timeout = PythonGrader.timeout(fields, TIMEOUT);
        return new CodeGrader(input, CodeTests.origin(fields, "tests"), programs, timeout);
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> {
            CodeTests found;
            try {
                found = tests.of(values);
            } catch (CodeTests.UnreadableException e) {
                return new Grade.Failed(GradeError.OTHER_ERROR, String.valueOf(e.getMessage()));
            }
            String program = input.map(template -> template.fill(values)).orElseGet(() -> FencedCode.of(completion));
            try {
                return scored(found.run(program, programs, timeout));
            } catch (ProgramPoolException e) {
                return new Grade.Failed(GradeError.PYTHON_GRADER_SERVER_ERROR, String.valueOf(e.getMessage()));
            }
        });
    }

    /** @param faults of each test, what went wrong; empty if it passed */
    private static Grade scored(List<String> faults) {
        Map<String, Double> parts = new LinkedHashMap<>();
        List<String> reasons = new ArrayList<>();
        for (String fault : faults) {
            String name = "test_" + (parts.size() + 1);
            parts.put(name, fault.isEmpty() ? 1.0 : 0.0);
            if (!fault.isEmpty() && reasons.isEmpty()) {
                reasons.add(name + ": " + (fault.length() > SHOWN ? fault.substring(0, SHOWN) + "…" : fault));
            }
        }
        double passed = parts.values().stream().mapToDouble(Double::doubleValue).sum();
        return new Grade.Scored(passed / faults.size(), parts, String.join("", reasons));
    }

    /** Finds the program in what a model wrote. */
    static final class FencedCode {
        /** A fence, its word, its lines, and a fence as long, or the end of a text that was cut short. */
        private static final Pattern BLOCK =
                Pattern.compile("(?ms)^ {0,3}(```+|~~~+)[ \\t]*([\\w+.-]*)[^\\n]*\\n(.*?)(?:^ {0,3}\\1[ \\t]*$|\\z)");

        private FencedCode() {}

        /** The last block of Python; where none is marked as such, the last block; without blocks, the whole text. */
        static String of(String completion) {
            String text = completion.replace("\r\n", "\n");
            String last = text;
            String python = null;
            Matcher matcher = BLOCK.matcher(text);
            while (matcher.find()) {
                last = matcher.group(3);
                String word = matcher.group(2).toLowerCase(Locale.ROOT);
                if (word.equals("py") || word.startsWith("python")) {
                    python = last;
                }
            }
            return python == null ? last : python;
        }
    }
}
