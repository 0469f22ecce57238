package org.reft4j.train.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokens;

/** A {@link KeptRollout} as a JSON object, one line of a file. There are two spellings, which both stay as they are in files of users. */
public enum RolloutLine {
    /** Lines of a folder of {@code reft sample}, in the words of its commands. */
    SAMPLE(
            "item_id",
            "correct",
            "token_ids",
            "item_id target kind sample completion extracted grade correct reward tokens stop logprob"),
    /** Lines of the samples of a round of offline self-training, in those of a run's files. */
    ROUND(
            "question-id",
            "right",
            "token-ids",
            "step question-id sample question target completion tokens grade extracted reward stop");

    private final String questionId;
    private final String right;
    private final String ids;
    /** Keys that a line must have, with spaces between. */
    private final String required;

    RolloutLine(String questionId, String right, String ids, String required) {
        this.questionId = questionId;
        this.right = right;
        this.ids = ids;
        this.required = required;
    }

    /** The object of a line; a trace is not part of it. */
    public ObjectNode write(KeptRollout rollout) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        switch (this) {
            case SAMPLE -> sample(rollout, json);
            case ROUND -> round(rollout, json);
        }
        Tokens tokens = rollout.ids();
        if (tokens != null) {
            ArrayNode array = json.putArray(ids);
            for (int id : tokens.toArray()) {
                array.add(id);
            }
        }
        return json;
    }

    private static void sample(KeptRollout rollout, ObjectNode json) {
        AnswerKind kind = rollout.kind();
        json.put("item_id", rollout.questionId());
        json.put("target", rollout.target());
        json.put("kind", kind == null ? null : kind.label());
        json.put("sample", rollout.sample());
        json.put("completion", rollout.completion());
        json.put("extracted", rollout.extracted().orElse(null));
        json.put("grade", rollout.grade());
        json.put("correct", rollout.right());
        if (Double.isNaN(rollout.reward())) {
            json.putNull("reward");
        } else {
            json.put("reward", rollout.reward());
        }
        json.put("tokens", rollout.tokens());
        json.put("stop", rollout.stop());
        json.put("logprob", rollout.logprob());
    }

    private static void round(KeptRollout rollout, ObjectNode json) {
        json.put("step", rollout.step());
        json.put("question-id", rollout.questionId());
        json.put("sample", rollout.sample());
        json.put("question", rollout.question());
        json.put("target", rollout.target());
        json.put("completion", rollout.completion());
        json.put("tokens", rollout.tokens());
        json.put("grade", rollout.grade());
        json.put("right", rollout.right());
        json.put("extracted", rollout.extracted().orElse(""));
        json.put("reward", rollout.reward());
        ObjectNode parts = json.putObject("parts");
        rollout.parts().forEach(parts::put);
        json.put("stop", rollout.stop());
    }

    /**
     * A line's completion, in whichever spelling.
     *
     * @return empty if it is no such line
     */
    public static Optional<KeptRollout> read(JsonNode json) {
        return Arrays.stream(values())
                .filter(spelling -> json.has(spelling.questionId))
                .filter(spelling -> spelling.complete(json))
                .findFirst()
                .map(spelling -> spelling.kept(json));
    }

    private boolean complete(JsonNode json) {
        return Arrays.stream(required.split(" ", -1)).allMatch(json::has)
                && json.path("sample").canConvertToInt()
                && (this != SAMPLE || kind(json).isPresent());
    }

    private KeptRollout kept(JsonNode json) {
        double reward = json.path("reward").isNumber() ? json.path("reward").doubleValue() : Double.NaN;
        JsonNode extracted = json.path("extracted");
        Map<String, Double> parts = new LinkedHashMap<>();
        json.path("parts").properties().forEach(part -> parts.put(part.getKey(), number(part.getValue())));
        return new KeptRollout(
                json.path("step").asInt(),
                json.path(questionId).asText(),
                json.path("sample").asInt(),
                json.path("question").asText(),
                json.path("target").asText(),
                kind(json).orElse(null),
                json.path("completion").asText(),
                json.path("tokens").asInt(),
                json.path("grade").asText(),
                // Earlier versions did not say it in a round, and learned from what had a reward of exactly 1.
                json.has(right) ? json.path(right).asBoolean() : reward == 1,
                extracted.isNull() ? Optional.empty() : Optional.of(extracted.asText()),
                reward,
                parts,
                json.path("stop").asText(),
                json.has("logprob") ? json.path("logprob").asDouble() : Double.NaN,
                ids(json.get(ids)),
                null);
    }

    private static double number(JsonNode value) {
        return value.isNumber() ? value.doubleValue() : Double.NaN;
    }

    private static Optional<AnswerKind> kind(JsonNode json) {
        return Arrays.stream(AnswerKind.values())
                .filter(each -> each.label().equals(json.path("kind").asText()))
                .findFirst();
    }

    private static @Nullable Tokens ids(@Nullable JsonNode array) {
        return array == null
                ? null
                : Tokens.of(array.valueStream().mapToInt(JsonNode::asInt).toArray());
    }
}
