package org.reft4j.task.graders;

import java.util.List;
import java.util.Map;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.RewardRule;

/** {@code answer}: ReFT's own check of the final answer, {@link AnswerGrader}, rewarded by a {@link RewardRule} of the description. */
final class AnswerRewardGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "answer",
            "extracts and compares the final answer as ReFT does, and pays by its rule",
            AnswerRewardGrader::read);

    private static final String PROSE = "prose";
    private static final String PROGRAM = "program";

    private final AnswerGrader answers;
    private final RewardRule rule;

    private AnswerRewardGrader(AnswerGrader answers, RewardRule rule) {
        this.answers = answers;
        this.rule = rule;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        Cot cot = fields.optionalText("cot").isEmpty()
                ? tools.cot()
                : switch (fields.word("cot", List.of("n", PROSE, "p", PROGRAM))) {
                    case "p", PROGRAM -> Cot.PROGRAM;
                    default -> Cot.PROSE;
                };
        if (cot == Cot.PROGRAM && tools.programs() == ProgramRunner.NONE) {
            throw fields.fault(
                    "cot",
                    "is " + PROGRAM,
                    "here nothing runs programs: leave it out, or grade as a run of programs does");
        }
        return new AnswerRewardGrader(new AnswerGrader(cot, tools.programs()), rule(fields));
    }

    private static RewardRule rule(GraderFields fields) {
        double correct = fields.number("correct", RewardRule.REFT.correct());
        double wrong = fields.number("wrong", RewardRule.REFT.wrong());
        double noAnswer = fields.number("no_answer", RewardRule.REFT.noAnswer());
        if (!(correct > noAnswer && correct > wrong)) {
            throw fields.fault(
                    "correct",
                    "is " + correct,
                    "expected more than wrong (" + wrong + ") and no_answer (" + noAnswer + ")");
        }
        return new RewardRule(correct, wrong, noAnswer);
    }

    @Override
    public Grade grade(Question question, String completion) {
        Grade grade = answers.grade(question, completion);
        String target = question.answer().raw().strip();
        return switch (grade) {
            case Grade.Correct(String extracted) -> paid(grade, "correct: " + extracted);
            case Grade.Wrong(String extracted) -> paid(grade, "wrong: " + extracted + ", expected " + target);
            case Grade.NoAnswer none -> paid(grade, "no answer: " + none.reason());
            case Grade.Scored _, Grade.Failed _ -> grade;
        };
    }

    private Grade paid(Grade grade, String reason) {
        return new Grade.Scored(rule.of(grade), Map.of(), reason);
    }
}
