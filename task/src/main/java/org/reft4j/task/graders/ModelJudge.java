package org.reft4j.task.graders;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.text.OneLine;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.grade.Template;
import org.reft4j.task.judge.ChatModel;

/**
 * Judge that asks a model, shared by the graders that do: {@code model}, {@code input}, {@code sampling_params} and {@code timeout}. A
 * model that refuses, is silent or writes prose has failed as a grader.
 */
final class ModelJudge {
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final ChatModel model;
    private final ModelPrompt prompt;
    private final ChatModel.Sampling sampling;
    private final Duration timeout;
    private final String schemaName;
    private final ObjectNode schema;

    private ModelJudge(
            ChatModel model,
            ModelPrompt prompt,
            ChatModel.Sampling sampling,
            Duration timeout,
            String schemaName,
            ObjectNode schema) {
        this.model = model;
        this.prompt = prompt;
        this.sampling = sampling;
        this.timeout = timeout;
        this.schemaName = schemaName;
        this.schema = schema;
    }

    /**
     * @param schemaName a word for what is asked for
     * @param result schema of the {@code result} in the reply
     */
    static ModelJudge read(GraderFields fields, ModelMap models, String schemaName, ObjectNode result) {
        String name = fields.text("model");
        ChatModel model = models.chat(name)
                .orElseThrow(() -> fields.fault(
                        "model",
                        "is \"" + name + "\", which is not in the model map",
                        "map it, or \"" + ModelMap.DEFAULT
                                + "\" for all names, in models; mapped is "
                                + models.names()));
        return new ModelJudge(
                model,
                ModelPrompt.read(fields),
                sampling(fields),
                fields.seconds("timeout", TIMEOUT),
                schemaName,
                replySchema(result));
    }

    private static ChatModel.Sampling sampling(GraderFields fields) {
        return fields.inner("sampling_params")
                .map(params -> {
                    ChatModel.Sampling sampling = new ChatModel.Sampling(
                            params.value("temperature").isPresent() ? within(params, "temperature", 2) : null,
                            params.value("top_p").isPresent() ? within(params, "top_p", 1) : null,
                            tokens(params),
                            params.value("seed").isPresent()
                                    ? (Long) params.whole("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE)
                                    : null,
                            params.optionalText("reasoning_effort").orElse(null));
                    params.requireNothingElse();
                    return sampling;
                })
                .orElse(new ChatModel.Sampling(null, null, null, null, null));
    }

    private static Double within(GraderFields params, String field, double most) {
        double number = params.number(field, 0);
        if (!(number >= 0 && number <= most)) {
            throw params.fault(field, "is " + number, "expected a number from 0 to " + (int) most);
        }
        return number;
    }

    /** OpenAI's schema of graders has a plural where the rest of its API has none. */
    private static @Nullable Long tokens(GraderFields params) {
        Long tokens = null;
        for (String field : List.of("max_completions_tokens", "max_completion_tokens")) {
            if (params.value(field).isPresent()) {
                tokens = params.whole(field, 1, 1, Integer.MAX_VALUE);
            }
        }
        return tokens;
    }

    /** Steps before the result, so that the model reasons before it judges. */
    private static ObjectNode replySchema(ObjectNode result) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        ObjectNode step = object(make.objectNode(), "description", "conclusion");
        ObjectNode text = make.objectNode().put("type", "string");
        step.putObject("properties").<ObjectNode>set("description", text).set("conclusion", text);
        ObjectNode schema = object(make.objectNode(), "steps", "result");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("steps").put("type", "array").set("items", step);
        properties.set("result", result);
        return schema;
    }

    private static ObjectNode object(ObjectNode schema, String... required) {
        schema.put("type", "object").put("additionalProperties", false);
        List.of(required).forEach(schema.putArray("required")::add);
        return schema;
    }

    /**
     * Asks the model about a completion.
     *
     * @param judge makes a grade of the {@code result} in the reply and of the conclusion of its last step
     */
    Grade grade(Question question, String completion, BiFunction<JsonNode, String, Grade> judge) {
        Template.Values values = Template.Values.of(question, completion);
        return values.graded(() -> {
            ChatModel.Reply reply =
                    model.ask(new ChatModel.Request(prompt.fill(values), schema, schemaName, sampling, timeout));
            return switch (reply) {
                case ChatModel.Reply.Text(String text, var _) -> judged(text, judge);
                case ChatModel.Reply.Refusal(String reason, var _) ->
                    new Grade.Failed(GradeError.MODEL_GRADER_REFUSAL_ERROR, "the model refused: " + reason);
                case ChatModel.Reply.CutShort _ ->
                    new Grade.Failed(
                            GradeError.MODEL_GRADER_EXCEEDED_MAX_TOKENS_ERROR,
                            "the model's reply was cut at the limit of tokens");
                case ChatModel.Reply.Silent(String reason) ->
                    new Grade.Failed(GradeError.UNRESPONSIVE_REWARD_ERROR, reason);
                case ChatModel.Reply.Broken(String reason) ->
                    new Grade.Failed(GradeError.MODEL_GRADER_SERVER_ERROR, reason);
            };
        });
    }

    private static Grade judged(String text, BiFunction<JsonNode, String, Grade> judge) {
        try {
            JsonNode reply = Json.WHOLE.readTree(text);
            if (reply.hasNonNull("result")) {
                JsonNode steps = reply.path("steps");
                return judge.apply(
                        reply.get("result"),
                        OneLine.of(
                                steps.path(steps.size() - 1).path("conclusion").asText()));
            }
        } catch (JsonProcessingException e) {
            // said below
        }
        return parseError("the model replied with no object that has a result: " + OneLine.of(text));
    }

    static Grade parseError(String reason) {
        return new Grade.Failed(GradeError.MODEL_GRADER_PARSE_ERROR, reason);
    }
}
