package org.reft4j.task.graders;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.StepGrader;
import org.reft4j.task.grade.StepScore;
import org.reft4j.task.grade.StepSplit;
import org.reft4j.task.math.Arithmetic;
import org.reft4j.task.math.Arithmetic.Claim;

/** {@code arithmetic_check}: the share of a chain's equations of numbers that are right; also by step. */
final class ArithmeticCheckGrader implements Grader, StepGrader {
    static final GraderType TYPE = new GraderType(
            "arithmetic_check",
            "evaluates every a + b = c of a chain of thought; the share that is right",
            ArithmeticCheckGrader::read);

    private static final int SHOWN = 80;

    private final NothingToJudge none;
    private final StepSplit split;

    private ArithmeticCheckGrader(NothingToJudge none, StepSplit split) {
        this.none = none;
        this.split = split;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        StepSplit split = fields.word("steps", StepSplit.of(tools.cot()));
        return new ArithmeticCheckGrader(NothingToJudge.read(fields, 0), split);
    }

    @Override
    public Grade grade(Question question, String completion) {
        List<Claim> claims = Arithmetic.claims(completion);
        return claims.isEmpty()
                ? none.because("no equation of numbers")
                : new Grade.Scored(share(claims), Map.of(), reason(claims));
    }

    @Override
    public List<StepScore> steps(Question question, String completion) {
        List<Claim> claims = Arithmetic.claims(completion);
        List<StepScore> scores = new ArrayList<>();
        int next = 0;
        for (StepSplit.Step step : split.steps(completion)) {
            List<Claim> within = new ArrayList<>();
            while (next < claims.size() && claims.get(next).end() <= step.end()) {
                within.add(claims.get(next));
                next++;
            }
            if (!within.isEmpty()) {
                scores.add(new StepScore(step.end(), share(within), reason(within)));
            }
        }
        return scores;
    }

    private static double share(List<Claim> claims) {
        return (double) claims.stream().filter(Claim::holds).count() / claims.size();
    }

    private static String reason(List<Claim> claims) {
        long right = claims.stream().filter(Claim::holds).count();
        String wrong = claims.stream()
                .filter(claim -> !claim.holds())
                .findFirst()
                .map(claim -> "; wrong: " + shown(claim.text()))
                .orElse("");
        return right + " of " + claims.size() + " equations are right" + wrong;
    }

    private static String shown(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line;
    }
}
