package org.reft4j.task.graders;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.reft4j.sandbox.OwnPython;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.sandbox.ProgramTask;
import org.reft4j.task.dataset.PythonNumber;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Sample;

/**
 * {@code python}: the score is what the source's {@code grade(sample, item)} returns, a float or an int. It runs in the sandbox, or in
 * an interpreter of the user's own, and no call sees what another left in the source's names.
 */
final class PythonGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "python", "calls grade(sample, item) of a Python source in the sandbox", false, PythonGrader::read);

    /** Limit of OpenAI's API. */
    static final int MAX_SOURCE_BYTES = 256_000;

    private static final String FUNCTION = "grade";
    private static final int ARGUMENTS = 2;
    /** Time limit of OpenAI's API, in seconds. */
    private static final double TIMEOUT = 120;

    private static final String OWN = "expected a source that the interpreter runs, with the packages that it has";

    private final String source;
    private final ProgramRunner programs;
    private final Duration timeout;

    private PythonGrader(String source, ProgramRunner programs, Duration timeout) {
        this.source = source;
        this.programs = programs;
        this.timeout = timeout;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        Optional<OwnPython> own = fields.optionalText("interpreter").map(OwnPython::of);
        ProgramRunner programs = own.isPresent() ? own.get() : runner(fields, tools);
        // Names a container of OpenAI's. There are no containers here.
        fields.optionalText("image_tag");
        Duration timeout = timeout(fields, TIMEOUT);
        String source = fields.text("source");
        int bytes = source.getBytes(StandardCharsets.UTF_8).length;
        if (bytes >= MAX_SOURCE_BYTES) {
            throw fields.fault("source", "has " + bytes + " bytes", "expected less than " + MAX_SOURCE_BYTES);
        }
        switch (checked(source, programs, timeout, fields, own.isPresent())) {
            case ProgramRunner.Outcome.Returned _ -> {}
            case ProgramRunner.Outcome.Raised(String error) ->
                throw fields.fault("source", "cannot be used: " + error, own.isPresent() ? OWN : remedy(error));
            case ProgramRunner.Outcome.Killed(String reason) ->
                throw fields.fault("source", "cannot be used: its top " + reason, "define functions there and no more");
        }
        own.ifPresent(python -> python.announce(fields.place(), tools.remarks()));
        return new PythonGrader(source, programs, timeout);
    }

    private static ProgramRunner.Outcome checked(
            String source, ProgramRunner programs, Duration timeout, GraderFields fields, boolean own) {
        try {
            return programs.run(ProgramTask.check(source, FUNCTION, ARGUMENTS), timeout);
        } catch (ProgramPoolException e) {
            if (own) {
                throw fields.fault(
                        "interpreter",
                        "is " + fields.text("interpreter") + ": " + e.getMessage(),
                        "give the path of a Python, such as /usr/bin/python3");
            }
            throw e;
        }
    }

    private static String remedy(String error) {
        return error.startsWith("imports ") || error.contains("ModuleNotFoundError")
                ? "graders have Python's standard library, without files, network, processes and threads, and no packages"
                : "expected Python 3.12 with a function grade(sample, item) that returns a float";
    }

    /** Sandboxed programs of the tools, or an error for a type that needs them. */
    static ProgramRunner runner(GraderFields fields, GraderTools tools) {
        if (tools.programs() == ProgramRunner.NONE) {
            throw fields.fault(
                    "type",
                    "is " + fields.object().path("type").asText(),
                    "it runs programs, and no program runner was started");
        }
        return tools.programs();
    }

    /** The field {@code timeout}, in seconds. */
    static Duration timeout(GraderFields fields, double absent) {
        double seconds = fields.number("timeout", absent);
        if (!(seconds >= 0.1 && seconds <= 3600)) {
            throw fields.fault("timeout", "is " + seconds, "expected seconds from 0.1 to 3600");
        }
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    @Override
    public Grade grade(Question question, String completion) {
        ProgramTask call = ProgramTask.call(
                source,
                FUNCTION,
                List.of(
                        new Sample(completion).json().toString(),
                        question.item().toString()));
        try {
            return switch (programs.run(call, timeout)) {
                case ProgramRunner.Outcome.Returned(String type, String number) ->
                    number == null ? failed("grade returned a " + type + "; expected a float") : scored(number);
                case ProgramRunner.Outcome.Raised(String error) -> failed(error);
                case ProgramRunner.Outcome.Killed(String reason) -> failed("grade " + reason);
            };
        } catch (ProgramPoolException e) {
            return new Grade.Failed(GradeError.PYTHON_GRADER_SERVER_ERROR, String.valueOf(e.getMessage()));
        }
    }

    private static Grade scored(String number) {
        double score = PythonNumber.parse(number).orElse(Double.NaN);
        return Double.isFinite(score)
                ? Grade.Scored.of(score)
                : failed("grade returned " + number + "; expected a finite float");
    }

    private static Grade failed(String reason) {
        return new Grade.Failed(GradeError.PYTHON_GRADER_RUNTIME_ERROR, reason);
    }
}
