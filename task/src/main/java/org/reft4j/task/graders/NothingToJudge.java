package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.GraderFields;

/**
 * Score of a completion with nothing for a grader to judge: the field {@code none}, a number or {@code fail}.
 *
 * @param score {@code null} where the grader fails: the rollout is then left out of training
 */
record NothingToJudge(@Nullable Double score) {
    static NothingToJudge read(GraderFields fields, double absent) {
        JsonNode none = fields.value("none").orElse(null);
        if (none == null) {
            return new NothingToJudge(absent);
        }
        if (none.isNumber()) {
            return new NothingToJudge(none.doubleValue());
        }
        if (none.isTextual() && none.textValue().equals("fail")) {
            return new NothingToJudge(null);
        }
        throw fields.fault("none", "is " + GraderFields.shown(none), "expected a number, or \"fail\"");
    }

    Grade because(String reason) {
        return score == null
                ? new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, reason)
                : new Grade.Scored(score, Map.of(), reason);
    }
}
