package org.reft4j.task.graders;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Error;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.Template;

/** {@code json_schema}: whether a text is JSON and fits a schema, or which weighted share of its parts does. */
final class JsonSchemaGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "json_schema", "checks that a text is JSON of a schema; parts may have weights", JsonSchemaGrader::read);

    private static final int MAX_LENGTH = 1_000_000;
    private static final int SHOWN_VIOLATIONS = 3;
    private static final int SHOWN = 160;

    /** A mapper of its own, because limits of depth belong to its parser. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(200).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY);

    private final Template input;
    private final JsonSchema schema;
    private final Map<String, Double> weights;

    private JsonSchemaGrader(Template input, JsonSchema schema, Map<String, Double> weights) {
        this.input = input;
        this.schema = schema;
        this.weights = weights;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        JsonNode description = fields.required("schema");
        if (!description.isObject() && !description.isBoolean()) {
            throw fields.fault("schema", "is " + GraderFields.shown(description), "expected a JSON schema");
        }
        try {
            JsonSchema schema = JsonSchema.of(description);
            return new JsonSchemaGrader(fields.template("input", "{{ sample.output_text }}"), schema, weights(fields));
        } catch (JsonSchema.FaultException e) {
            throw fields.fault(
                    "schema"
                            + (e.fault().pointer().isEmpty()
                                    ? ""
                                    : "#" + e.fault().pointer()),
                    e.fault().what(),
                    "correct it");
        }
    }

    private static Map<String, Double> weights(GraderFields fields) {
        Map<String, Double> weights = new LinkedHashMap<>();
        JsonNode given = fields.value("weights").orElse(JSON.createObjectNode());
        if (!given.isObject() || (given.isEmpty() && fields.value("weights").isPresent())) {
            throw fields.fault(
                    "weights",
                    "is " + GraderFields.shown(given),
                    "expected weights by JSON pointer, such as {\"/name\": 1}");
        }
        given.properties().forEach(weight -> {
            String pointer = weight.getKey();
            if (!pointer.isEmpty() && !pointer.startsWith("/")) {
                throw fields.fault(
                        "weights",
                        "names \"" + pointer + "\"",
                        "expected a JSON pointer: empty or with a slash in front");
            }
            double value = weight.getValue().asDouble(Double.NaN);
            if (!weight.getValue().isNumber() || !(value > 0) || Double.isInfinite(value)) {
                throw fields.fault(
                        "weights." + pointer,
                        "is " + GraderFields.shown(weight.getValue()),
                        "expected a number above 0");
            }
            weights.put(pointer, value);
        });
        return weights;
    }

    @Override
    public Grade grade(Question question, String completion) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> grade(input.fill(values)));
    }

    private Grade grade(String text) {
        if (text.length() > MAX_LENGTH) {
            return scored(0, "longer than " + MAX_LENGTH + " characters");
        }
        JsonNode value;
        try {
            value = JSON.readTree(text.strip());
        } catch (JsonProcessingException e) {
            return scored(0, "no JSON: " + e.getOriginalMessage());
        }
        if (value.isMissingNode()) {
            return scored(0, "no JSON: the text is empty");
        }
        try {
            List<Error> violations = schema.violations(value);
            return weights.isEmpty() ? whole(violations) : byParts(value, violations);
        } catch (TimedPattern.TooSlowException e) {
            return new Grade.Failed(GradeError.UNRESPONSIVE_REWARD_ERROR, String.valueOf(e.getMessage()));
        } catch (ArithmeticException | NumberFormatException e) {
            return scored(0, "holds a number that cannot be checked: " + e.getMessage());
        }
    }

    private static Grade whole(List<Error> violations) {
        return violations.isEmpty() ? scored(1, "fits the schema") : scored(0, described(violations));
    }

    /** A part fits if it is there and nothing in it is amiss. */
    private Grade byParts(JsonNode value, List<Error> violations) {
        Map<String, Double> parts = new LinkedHashMap<>();
        double sum = 0;
        double fitting = 0;
        for (Map.Entry<String, Double> weight : weights.entrySet()) {
            String pointer = weight.getKey();
            boolean fits = !value.at(JsonPointer.compile(pointer)).isMissingNode()
                    && violations.stream().noneMatch(violation -> within(place(violation), pointer));
            parts.put(pointer.isEmpty() ? "/" : pointer, fits ? 1.0 : 0.0);
            sum += weight.getValue();
            fitting += fits ? weight.getValue() : 0;
        }
        String reason = violations.isEmpty() ? "fits the schema" : described(violations);
        return new Grade.Scored(fitting / sum, parts, reason);
    }

    private static boolean within(String place, String pointer) {
        return place.equals(pointer) || place.startsWith(pointer + "/");
    }

    private static String place(Error violation) {
        return violation.getInstanceLocation().toString();
    }

    private static String described(List<Error> violations) {
        String first = violations.stream()
                .limit(SHOWN_VIOLATIONS)
                .map(violation ->
                        shown((place(violation).isEmpty() ? "/" : place(violation)) + ": " + violation.getMessage()))
                .collect(Collectors.joining("; "));
        int more = violations.size() - SHOWN_VIOLATIONS;
        return more > 0 ? first + "; and " + more + " more" : first;
    }

    private static String shown(String text) {
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }

    private static Grade scored(double score, String reason) {
        return new Grade.Scored(score, Map.of(), reason);
    }
}
