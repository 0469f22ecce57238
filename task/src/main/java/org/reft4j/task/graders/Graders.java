package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.StepGrader;

/** The types of grader that an object can describe. */
public final class Graders {
    /** A new type is one file and one line here. */
    public static final List<GraderType> TYPES = List.of(
            AnswerRewardGrader.TYPE,
            StringCheckGrader.TYPE,
            TextSimilarityGrader.TYPE,
            MathGrader.TYPE,
            JsonSchemaGrader.TYPE,
            CodeGrader.TYPE,
            PythonGrader.TYPE,
            JavaGrader.TYPE,
            ScoreModelGrader.TYPE,
            LabelModelGrader.TYPE,
            EndpointGrader.TYPE,
            ChainConsistencyGrader.TYPE,
            ArithmeticCheckGrader.TYPE,
            ProgramProseAgreementGrader.TYPE,
            FormatGrader.TYPE,
            LengthGrader.TYPE,
            RepetitionGrader.TYPE,
            CountdownGrader.TYPE,
            JsonFieldsGrader.TYPE,
            MultiGrader.TYPE,
            ProcessRewardGrader.TYPE);

    /** Grades of one grader that are kept. */
    private static final int CACHED = 4096;

    private static final String PASSING = "pass_threshold";

    private Graders() {}

    /**
     * The score from which a completion counts as right, whatever its reward: the description's {@code pass_threshold}, or else what
     * {@code answer} and {@code math} give a right answer, the middle of a {@code score_model}'s range, and 0.5 for all others.
     *
     * @param object the description; anything else than an object has the usual threshold
     */
    public static double passThreshold(JsonNode object) {
        if (object.path(PASSING).isNumber()) {
            return object.path(PASSING).doubleValue();
        }
        return switch (object.path("type").asText()) {
            case "answer", "math" -> object.path("correct").asDouble(1);
            case "score_model" -> {
                JsonNode range = object.path("range");
                yield (range.path(0).asDouble(0) + range.path(1).asDouble(1)) / 2;
            }
            default -> Grade.Scored.USUAL_PASS;
        };
    }

    /**
     * Makes a grader of its description, in the words of OpenAI's API. Grades of deterministic graders are cached.
     *
     * @param object {@code {"type": ..., ...}}
     * @param place what to call it in messages, such as {@code grader}
     * @throws GraderException if the description is wrong
     */
    public static Grader of(JsonNode object, String place, GraderTools tools) {
        GraderFields fields = fields(object, place, tools);
        GraderType type = type(fields);
        double pass = fields.number(PASSING, passThreshold(object));
        Grader grader = passing(read(type, fields, tools), pass);
        return type.deterministic() ? new CachedGrader(grader, CACHED) : grader;
    }

    /**
     * The grader of a description, or else the paper's comparison of answers: what grades wherever a description may be missing.
     *
     * @param object {@code null} where nothing is described
     * @throws GraderException if the description is wrong
     */
    public static Grader orAnswers(@Nullable JsonNode object, String place, GraderTools tools) {
        return object == null ? answers(tools) : of(object, place, tools);
    }

    /** The paper's comparison of answers, of completions that reason as the tools say. */
    public static Grader answers(GraderTools tools) {
        return new AnswerGrader(tools.cot(), tools.programs());
    }

    /** Writes into each score what counts as right, so that nobody who is handed one has to know the description. */
    private static Grader passing(Grader grader, double threshold) {
        return (question, completion) -> {
            Grade grade = grader.grade(question, completion);
            return grade instanceof Grade.Scored scored ? scored.passing(threshold) : grade;
        };
    }

    /**
     * Makes a grader that judges the steps of a completion.
     *
     * @throws GraderException if the description is wrong, or of a type that judges whole completions only
     */
    public static StepGrader steps(JsonNode object, String place, GraderTools tools) {
        GraderFields fields = fields(object, place, tools);
        GraderType type = type(fields);
        if (read(type, fields, tools) instanceof StepGrader grader) {
            return grader;
        }
        throw fields.fault(
                "type",
                "is \"" + type.name() + "\", which judges no steps",
                "expected arithmetic_check or process_reward_model");
    }

    private static Grader read(GraderType type, GraderFields fields, GraderTools tools) {
        Grader grader = type.reader().read(fields, tools);
        fields.requireNothingElse();
        return grader;
    }

    private static GraderFields fields(JsonNode object, String place, GraderTools tools) {
        if (!(object instanceof ObjectNode description)) {
            throw new GraderException(place + " is " + GraderFields.shown(object)
                    + "; expected an object such as {\"type\": \"string_check\", ...}");
        }
        return new GraderFields(description, place, tools.data());
    }

    private static GraderType type(GraderFields fields) {
        String name = fields.text("type");
        return TYPES.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> fields.fault(
                        "type",
                        "is \"" + name + "\"",
                        "expected " + TYPES.stream().map(GraderType::name).collect(Collectors.joining(", "))));
    }
}
