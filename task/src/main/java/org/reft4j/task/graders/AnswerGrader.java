package org.reft4j.task.graders;

import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.text.PythonText;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.PythonNumber;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;

/**
 * Extracts the answer of a completion and compares it, as the ReFT reference code does (mwp_ReFT,
 * {@code train_rl_reft.py}, {@code rollout} and the {@code post_process} and {@code compare} tables above it).
 *
 * <p>Numbers are what Python's {@code float} takes and count within 0.01. Letters are never missing: without a trigger
 * the whole text is the answer, and a program that failed answers {@code none}, so that each earns what a wrong answer
 * earns. Texts are compared as they stand; an empty one is no answer.
 *
 * <p>Safe for many threads if the program runner is. The runner belongs to the caller.
 */
public final class AnswerGrader implements Grader {
    /** Absolute tolerance between a number and the target. */
    static final double TOLERANCE = 1e-2;

    /** Python's text for the result of a program that gave none. */
    private static final String NONE = "none";

    private static final int SHOWN = 60;

    private final Cot cot;
    private final @Nullable ProgramRunner programs;

    /**
     * @param programs runs the completions; needed, and used, only for {@link Cot#PROGRAM}
     * @throws IllegalArgumentException if programs are to be graded and there is no runner
     */
    public AnswerGrader(Cot cot, @Nullable ProgramRunner programs) {
        if (cot == Cot.PROGRAM && programs == null) {
            throw new IllegalArgumentException("grading programs needs a program runner");
        }
        this.cot = cot;
        this.programs = programs;
    }

    /** @throws ProgramPoolException if programs cannot be run at all */
    @Override
    public Grade grade(Question question, String completion) {
        return switch (cot) {
            case PROSE -> gradeProse(question.answer(), written(completion));
            case PROGRAM -> gradeProgram(question.answer(), run(ProgramCode.clean(chain(completion))));
        };
    }

    private static String chain(String completion) {
        return PythonText.strip(lastPart(PythonText.stripTrailing(completion), ReftTemplate.COT_TRIGGER));
    }

    /** Answer at the end of prose: the text after the last answer trigger, or everything where there is none. */
    static String written(String completion) {
        return PythonText.strip(lastPart(chain(completion), ReftTemplate.ANSWER_TRIGGER));
    }

    private ProgramRunner.Outcome run(String program) {
        if (programs == null) {
            throw new IllegalStateException("no program runner");
        }
        return programs.run(program);
    }

    private static Grade gradeProse(Answer answer, String written) {
        return switch (answer) {
            case Answer.Numeric target -> {
                OptionalDouble number = PythonNumber.parse(written);
                yield number.isPresent()
                        ? gradeNumber(target, number.getAsDouble())
                        : new Grade.NoAnswer("no number after the answer trigger: '" + shown(written) + "'");
            }
            case Answer.Choice target -> gradeLetter(target, written);
            case Answer.Text target -> gradeText(target, written);
            case Answer.Unknown unknown -> throw nothingToCompare(unknown);
        };
    }

    /**
     * Refuses questions that have no answer, before anything is done with them.
     *
     * @throws DataException naming the first row and what can be done
     */
    public static void require(List<Question> questions) {
        for (Question question : questions) {
            if (question.answer() instanceof Answer.Unknown unknown) {
                throw nothingToCompare(unknown);
            }
        }
    }

    private static DataException nothingToCompare(Answer.Unknown unknown) {
        return new DataException(
                unknown.row() + ": there is no answer to compare completions with; give a grader, which"
                        + " judges by the row's other fields, or an answer: the"
                        + " field 'answer', or data.fields: {answer: ...} where it has another name");
    }

    private static Grade gradeProgram(Answer answer, ProgramRunner.Outcome outcome) {
        return switch (outcome) {
            case ProgramRunner.Outcome.Returned(String text, String number) ->
                switch (answer) {
                    case Answer.Numeric target -> gradeResult(target, text, number);
                    case Answer.Choice target -> gradeLetter(target, text);
                    case Answer.Text target -> gradeText(target, text);
                    case Answer.Unknown unknown -> throw nothingToCompare(unknown);
                };
            case ProgramRunner.Outcome.Raised(String error) -> failed(answer, error);
            case ProgramRunner.Outcome.Killed(String reason) -> failed(answer, reason);
        };
    }

    private static Grade gradeResult(Answer.Numeric target, String text, @Nullable String number) {
        OptionalDouble value = number == null ? OptionalDouble.empty() : PythonNumber.parse(number);
        return value.isPresent()
                ? gradeNumber(target, value.getAsDouble())
                : new Grade.NoAnswer("solution() returned no number: " + shown(text));
    }

    private static Grade failed(Answer answer, String reason) {
        return answer instanceof Answer.Choice target ? gradeLetter(target, NONE) : new Grade.NoAnswer(reason);
    }

    private static Grade gradeNumber(Answer.Numeric target, double value) {
        return graded(Math.abs(value - target.value()) <= TOLERANCE, PythonNumber.repr(value));
    }

    private static Grade gradeLetter(Answer.Choice target, String written) {
        String letter = Answer.Choice.clean(written);
        return graded(letter.equals(target.letter()), letter);
    }

    private static Grade gradeText(Answer.Text target, String written) {
        String text = PythonText.strip(written);
        return text.isEmpty()
                ? new Grade.NoAnswer("the answer is empty")
                : graded(text.equals(PythonText.strip(target.raw())), text);
    }

    private static Grade graded(boolean correct, String extracted) {
        return correct ? new Grade.Correct(extracted) : new Grade.Wrong(extracted);
    }

    /** Python's {@code text.split(trigger)[-1]}; matches do not overlap, so a search from the end would not do. */
    private static String lastPart(String text, String trigger) {
        int start = 0;
        for (int at = text.indexOf(trigger); at >= 0; at = text.indexOf(trigger, start)) {
            start = at + trigger.length();
        }
        return text.substring(start);
    }

    static String shown(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    }
}
