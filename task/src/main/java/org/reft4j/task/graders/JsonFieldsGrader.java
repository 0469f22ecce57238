package org.reft4j.task.graders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;

/**
 * {@code json_fields}: which share of the fields of a JSON object is right. The item's answer is the object that is expected. The score is
 * the number of right fields over the number of all that are expected or given, so a field that nobody asked for costs as much as one that
 * is wrong.
 */
final class JsonFieldsGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "json_fields",
            "compares a JSON object with the answer's, field by field, and pays the share that is right",
            JsonFieldsGrader::read);

    private static final int MAX_LENGTH = 1_000_000;

    private static final ObjectReader JSON = Json.WHOLE
            .reader()
            .with(
                    DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY,
                    DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    private JsonFieldsGrader() {}

    private static Grader read(GraderFields fields, GraderTools tools) {
        for (DataRows rows : tools.data()) {
            for (Question question : rows.questions()) {
                if (object(question.answer().raw()) == null) {
                    throw new GraderException(fields.place() + " of type json_fields cannot grade " + question.id()
                            + " of the " + rows.name() + ": its answer is no JSON object with fields");
                }
            }
        }
        return new JsonFieldsGrader();
    }

    @Override
    public Grade grade(Question question, String completion) {
        ObjectNode expected = object(question.answer().raw());
        if (expected == null) {
            return new Grade.Failed(GradeError.INVALID_VARIABLE_ERROR, "item.answer is no JSON object with fields");
        }
        String written = AnswerGrader.written(completion);
        ObjectNode given = object(written);
        return given == null
                ? new Grade.Scored(0, Map.of(), "no JSON object with fields: '" + AnswerGrader.shown(written) + "'")
                : compared(expected, given);
    }

    private static Grade compared(ObjectNode expected, ObjectNode given) {
        Map<String, Double> parts = new LinkedHashMap<>();
        String reason = "";
        int right = 0;
        for (Map.Entry<String, JsonNode> field : expected.properties()) {
            JsonNode value = given.get(field.getKey());
            boolean same = value != null && same(field.getValue(), value);
            parts.put(field.getKey(), same ? 1.0 : 0.0);
            right += same ? 1 : 0;
            if (!same && reason.isEmpty()) {
                reason = field.getKey() + " is " + (value == null ? "missing" : GraderFields.shown(value))
                        + ", expected " + GraderFields.shown(field.getValue());
            }
        }
        int all = expected.size();
        for (Map.Entry<String, JsonNode> field : given.properties()) {
            if (!expected.has(field.getKey())) {
                all++;
                reason = reason.isEmpty() ? field.getKey() + " was not asked for" : reason;
            }
        }
        return new Grade.Scored((double) right / all, parts, reason);
    }

    /** 12 and 12.0 are the same number, but not the same as the text "12". */
    private static boolean same(JsonNode expected, JsonNode given) {
        return expected.equals(
                (a, b) -> a.isNumber() && b.isNumber()
                        ? a.decimalValue().compareTo(b.decimalValue())
                        : a.equals(b) ? 0 : 1,
                given);
    }

    private static @Nullable ObjectNode object(String text) {
        try {
            return text.length() <= MAX_LENGTH && JSON.readTree(text) instanceof ObjectNode object && !object.isEmpty()
                    ? object
                    : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
