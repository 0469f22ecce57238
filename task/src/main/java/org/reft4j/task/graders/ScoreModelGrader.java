package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;

/** {@code score_model}: a model gives a number, which is clamped to a range. */
final class ScoreModelGrader implements Grader {
    static final GraderType TYPE =
            new GraderType("score_model", "asks a model for a number within a range", false, ScoreModelGrader::read);

    private final ModelJudge judge;
    private final Range range;

    private ScoreModelGrader(ModelJudge judge, Range range) {
        this.judge = judge;
        this.range = range;
    }

    /** Both ends belong to it. */
    private record Range(double least, double most) {
        static Range read(GraderFields fields) {
            Optional<JsonNode> value = fields.value("range");
            if (value.isEmpty()) {
                return new Range(0, 1);
            }
            JsonNode ends = value.get();
            boolean fits = ends.isArray()
                    && ends.size() == 2
                    && ends.get(0).isNumber()
                    && ends.get(1).isNumber()
                    && ends.get(0).doubleValue() < ends.get(1).doubleValue()
                    && Double.isFinite(ends.get(1).doubleValue() - ends.get(0).doubleValue());
            if (!fits) {
                throw fields.fault(
                        "range",
                        "is " + GraderFields.shown(ends),
                        "expected two numbers, the least and the greatest score, such as [0, 1]");
            }
            return new Range(ends.get(0).doubleValue(), ends.get(1).doubleValue());
        }
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        Range range = Range.read(fields);
        ObjectNode result = JsonNodeFactory.instance
                .objectNode()
                .put("type", "number")
                .put("description", "the score, from " + range.least + " to " + range.most);
        return new ScoreModelGrader(ModelJudge.read(fields, tools.models(), "score", result), range);
    }

    @Override
    public Grade grade(Question question, String completion) {
        return judge.grade(question, completion, this::scored);
    }

    private Grade scored(JsonNode result, String conclusion) {
        // A number too large for a double would be infinite, and nobody means that.
        if (!result.isNumber() || !Double.isFinite(result.doubleValue())) {
            return ModelJudge.parseError("the model's result is no number: " + GraderFields.shown(result));
        }
        double score = Math.clamp(result.doubleValue(), range.least, range.most);
        return new Grade.Scored(score, Map.of(), conclusion);
    }
}
