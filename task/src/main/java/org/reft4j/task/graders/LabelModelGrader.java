package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;

/** {@code label_model}: a model chooses one of some labels; the reward is 1 for those that pass and 0 for the others. */
final class LabelModelGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "label_model",
            "asks a model for one of some labels, and pays those that pass",
            false,
            LabelModelGrader::read);

    private final ModelJudge judge;
    private final List<String> labels;
    private final Set<String> passing;

    private LabelModelGrader(ModelJudge judge, List<String> labels, Set<String> passing) {
        this.judge = judge;
        this.labels = labels;
        this.passing = passing;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        List<String> labels = fields.texts("labels");
        Set<String> distinct = new HashSet<>(labels);
        if (distinct.size() < 2 || distinct.size() < labels.size()) {
            throw fields.fault("labels", "is " + labels, "expected at least two labels, all different");
        }
        List<String> passing = fields.texts("passing_labels");
        if (passing.isEmpty() || !distinct.containsAll(passing)) {
            throw fields.fault(
                    "passing_labels", "is " + passing, "expected one or more of " + String.join(", ", labels));
        }
        ObjectNode result = JsonNodeFactory.instance.objectNode().put("type", "string");
        labels.forEach(result.putArray("enum")::add);
        return new LabelModelGrader(
                ModelJudge.read(fields, tools.models(), "label", result), labels, Set.copyOf(passing));
    }

    @Override
    public Grade grade(Question question, String completion) {
        return judge.grade(question, completion, this::scored);
    }

    private Grade scored(JsonNode result, String conclusion) {
        String label = result.asText();
        if (!result.isTextual() || !labels.contains(label)) {
            return ModelJudge.parseError(
                    "the model's result is none of " + String.join(", ", labels) + ": " + GraderFields.shown(result));
        }
        String reason = conclusion.isEmpty() ? label : label + ": " + conclusion;
        return new Grade.Scored(passing.contains(label) ? 1 : 0, Map.of(), reason);
    }
}
