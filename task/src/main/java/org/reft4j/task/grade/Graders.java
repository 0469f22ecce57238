package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/** The types of grader that an object can describe. */
public final class Graders {
    /** A new type is one file and one line here. */
    public static final List<GraderType> TYPES = List.of(
            AnswerRewardGrader.TYPE,
            ArithmeticCheckGrader.TYPE,
            ChainConsistencyGrader.TYPE,
            FormatGrader.TYPE,
            JsonSchemaGrader.TYPE,
            LengthGrader.TYPE,
            MathGrader.TYPE,
            ProgramProseAgreementGrader.TYPE,
            RepetitionGrader.TYPE,
            StringCheckGrader.TYPE);

    private Graders() {}

    /**
     * Makes a grader of its description, in the words of OpenAI's API.
     *
     * @param object {@code {"type": ..., ...}}
     * @param place what to call it in messages, such as {@code grader}
     * @throws GraderException if the description is wrong
     */
    public static Grader of(JsonNode object, String place, GraderTools tools) {
        if (!(object instanceof ObjectNode description)) {
            throw new GraderException(place + " is " + GraderFields.shown(object)
                    + "; expected an object such as {\"type\": \"string_check\", ...}");
        }
        GraderFields fields = new GraderFields(description, place);
        String name = fields.text("type");
        GraderType type = TYPES.stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> fields.fault(
                        "type",
                        "is \"" + name + "\"",
                        "expected " + TYPES.stream().map(GraderType::name).collect(Collectors.joining(", "))));
        Grader grader = type.reader().read(fields, tools);
        fields.requireNothingElse();
        return grader;
    }
}
