package org.reft4j.task.graders;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.math.FinalAnswer;
import org.reft4j.task.math.MathEquality;
import org.reft4j.task.math.MathEquality.Percent;
import org.reft4j.task.math.MathEquality.UnitRule;

/** {@code program_prose_agreement}: whether a completion's program returns what its prose says. */
final class ProgramProseAgreementGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "program_prose_agreement",
            "runs the program of a completion and compares its result with the answer of the prose",
            ProgramProseAgreementGrader::read);

    private static final int MAX_PROGRAM = 100_000;

    private static final Pattern FENCE = Pattern.compile("```(?:python|py)?[ \\t]*\\n");

    private static final MathEquality SAME =
            new MathEquality(new MathEquality.Options(1e-6, 0, true, Percent.EITHER, UnitRule.IGNORE));

    private final ProgramRunner programs;
    private final NothingToJudge none;

    private ProgramProseAgreementGrader(ProgramRunner programs, NothingToJudge none) {
        this.programs = programs;
        this.none = none;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        if (tools.programs() == ProgramRunner.NONE) {
            throw fields.fault(
                    "type",
                    "is program_prose_agreement",
                    "here nothing runs programs: leave it out, or give a program runner");
        }
        return new ProgramProseAgreementGrader(tools.programs(), NothingToJudge.read(fields, 0));
    }

    /**
     * A completion's two parts.
     *
     * @param program from {@code def solution} on, or what a fence holds
     * @param prose all else
     */
    private record Parts(String program, String prose) {}

    /** @throws ProgramPoolException if programs cannot be run at all */
    @Override
    public Grade grade(Question question, String completion) {
        Parts parts = parts(completion);
        if (!parts.program().contains("def solution")) {
            return none.because("no program with a function solution()");
        }
        Optional<FinalAnswer> said = FinalAnswer.in(parts.prose());
        if (said.isEmpty()) {
            return none.because("no prose beside the program");
        }
        return switch (programs.run(parts.program())) {
            case ProgramRunner.Outcome.Returned(String text, String number) ->
                compared(number == null ? text : number, said.get());
            case ProgramRunner.Outcome.Raised(String error) -> scored(0, "the program failed: " + error);
            case ProgramRunner.Outcome.Killed(String reason) -> scored(0, "the program was stopped: " + reason);
        };
    }

    private static Grade compared(String result, FinalAnswer said) {
        boolean same = SAME.equal(result, said) || SAME.equal(said.text(), result);
        return scored(
                same ? 1 : 0, "the program returns " + shown(result) + ", the prose says '" + shown(said.text()) + "'");
    }

    private static Parts parts(String completion) {
        Matcher fence = FENCE.matcher(completion);
        if (fence.find()) {
            int end = completion.indexOf("```", fence.end());
            int stop = end < 0 ? completion.length() : end;
            return new Parts(
                    program(completion.substring(fence.end(), stop)),
                    completion.substring(0, fence.start()) + "\n"
                            + completion.substring(Math.min(completion.length(), stop + 3)));
        }
        int start = completion.indexOf("def solution");
        if (start < 0) {
            return new Parts("", completion);
        }
        int stop = bodyEnd(completion, start);
        return new Parts(
                program(completion.substring(start, stop)),
                completion.substring(0, start) + "\n" + completion.substring(stop));
    }

    /** The body of a function ends before the first line that is neither indented nor blank. */
    private static int bodyEnd(String text, int start) {
        int line = text.indexOf('\n', start);
        while (line >= 0 && line + 1 < text.length()) {
            char first = text.charAt(line + 1);
            if (!Character.isWhitespace(first)) {
                return line + 1;
            }
            line = text.indexOf('\n', line + 1);
        }
        return text.length();
    }

    /** Blank lines would end it where programs are run. */
    private static String program(String text) {
        String bounded = text.length() > MAX_PROGRAM ? "" : text;
        return bounded.replaceAll("(?m)^[ \\t]*\\n", "").stripTrailing();
    }

    private static Grade scored(double score, String reason) {
        return new Grade.Scored(score, Map.of(), reason);
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > 60 ? line.substring(0, 60) + "…" : line;
    }
}
