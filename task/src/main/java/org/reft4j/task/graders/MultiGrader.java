package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.RewardRule;

/**
 * {@code multi}: several graders and a formula over their scores. Where one of them fails, the whole has failed: a formula cannot be
 * computed from parts of its numbers.
 */
final class MultiGrader implements Grader {
    /** Its parts are cached, each by itself, where they are deterministic. */
    static final GraderType TYPE =
            new GraderType("multi", "combines the scores of several graders by a formula", false, MultiGrader::read);

    private final Map<String, Grader> graders;
    private final Formula formula;

    private MultiGrader(Map<String, Grader> graders, Formula formula) {
        this.graders = graders;
        this.formula = formula;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        Map<String, JsonNode> parts = parts(fields);
        Map<String, Grader> graders = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> part : parts.entrySet()) {
            String name = part.getKey();
            String place = fields.place() + ".graders." + name;
            if (!Formula.NAME.matcher(name).matches()) {
                throw new GraderException(place + " cannot be used in calculate_output;"
                        + " expected a name of letters, digits and underscores that does not begin with a digit");
            }
            if (part.getValue().path("type").asText().equals(TYPE.name())) {
                throw new GraderException(
                        place + ".type is \"multi\"; expected another type: a multi grader cannot be part of another");
            }
            graders.put(name, Graders.of(part.getValue(), place, tools));
        }
        String text = fields.text("calculate_output");
        try {
            return new MultiGrader(graders, Formula.of(text, graders.keySet()));
        } catch (Formula.FormulaException e) {
            throw new GraderException(fields.place() + ".calculate_output " + e.getMessage());
        }
    }

    /**
     * The graders by their names in the formula. Clients send three forms: an object of graders by name, one grader, and a list; a grader
     * of the latter two goes by its {@code name}.
     */
    static Map<String, JsonNode> parts(GraderFields fields) {
        JsonNode graders = fields.required("graders");
        Map<String, JsonNode> parts = new LinkedHashMap<>();
        if (graders.path("type").isTextual()) {
            parts.put(name(fields, graders, "graders"), graders);
        } else if (graders instanceof ObjectNode byName) {
            byName.properties().forEach(each -> parts.put(each.getKey(), each.getValue()));
        } else if (graders.isArray()) {
            for (int i = 0; i < graders.size(); i++) {
                String place = "graders[" + i + "]";
                String name = name(fields, graders.get(i), place);
                if (parts.put(name, graders.get(i)) != null) {
                    throw fields.fault(place + ".name", "is \"" + name + "\" again", "give each grader its own name");
                }
            }
        } else {
            throw fields.fault("graders", "is " + GraderFields.shown(graders), "expected an object of graders by name");
        }
        if (parts.isEmpty()) {
            throw fields.fault("graders", "is empty", "expected at least one grader");
        }
        return parts;
    }

    private static String name(GraderFields fields, JsonNode grader, String place) {
        if (!grader.path("name").isTextual()) {
            throw fields.fault(
                    place + ".name",
                    "is missing",
                    "give it, since the formula uses it, or write graders as an object of graders by name");
        }
        return grader.path("name").textValue();
    }

    @Override
    public Grade grade(Question question, String completion) {
        Map<String, Double> values = new LinkedHashMap<>();
        Map<String, Double> parts = new LinkedHashMap<>();
        List<String> reasons = new ArrayList<>();
        for (Map.Entry<String, Grader> part : graders.entrySet()) {
            String name = part.getKey();
            Grade grade = part.getValue().grade(question, completion);
            if (grade instanceof Grade.Failed(GradeError error, String reason)) {
                return new Grade.Failed(error, name + ": " + reason);
            }
            double score = score(grade).orElseThrow();
            values.put(name, score);
            parts.put(name, score);
            grade.parts().forEach((key, value) -> parts.put(name + "." + key, value));
            reason(grade).ifPresent(words -> reasons.add(name + ": " + words));
        }
        try {
            return new Grade.Scored(formula.value(values), parts, String.join("; ", reasons));
        } catch (Formula.FormulaException e) {
            return new Grade.Failed(GradeError.FORMULA_PARSE_ERROR, "calculate_output: " + e.getMessage());
        }
    }

    /** Why a part has its score, where it says so. */
    private static Optional<String> reason(Grade grade) {
        return grade.why().or(() -> grade.answer().map(answer -> grade.label() + " " + answer));
    }

    /** Value of a part in a formula: its score; 1 if it is right, 0 if it is wrong or nothing was found; empty if it failed. */
    static OptionalDouble score(Grade grade) {
        return grade instanceof Grade.Failed
                ? OptionalDouble.empty()
                : OptionalDouble.of(RewardRule.RIGHT_OR_NOTHING.of(grade));
    }
}
