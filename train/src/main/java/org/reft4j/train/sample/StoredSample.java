package org.reft4j.train.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.evaluate.AnswerKind;

/**
 * One completion in a folder of samples: a line of its file.
 *
 * @param questionId as in the data
 * @param target the right answer as in the data
 * @param kind of the answer
 * @param number of the sample, from 0; {@link #GREEDY} for the greedy completion
 * @param completion what a grader reads
 * @param extracted the answer; empty where none could be read
 * @param grade as {@link org.reft4j.task.grade.Grade#label()} spells it
 * @param correct whether it counts as right
 * @param reward NaN where grading failed
 * @param tokens sampled
 * @param stop as {@link org.reft4j.model.generate.StopReason#label()} spells it
 * @param logprob the sum over its tokens, natural, by the model's plain distribution
 * @param ids the tokens; {@code null} in folders of versions that did not keep them
 */
public record StoredSample(
        String questionId,
        String target,
        AnswerKind kind,
        int number,
        String completion,
        Optional<String> extracted,
        String grade,
        boolean correct,
        double reward,
        int tokens,
        String stop,
        double logprob,
        @Nullable Tokens ids) {

    public static final int GREEDY = -1;

    private static final String[] KEYS = {
        "item_id",
        "target",
        "kind",
        "sample",
        "completion",
        "extracted",
        "grade",
        "correct",
        "reward",
        "tokens",
        "stop",
        "logprob"
    };

    private static final String IDS = "token_ids";

    ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("item_id", questionId);
        json.put("target", target);
        json.put("kind", kind.label());
        json.put("sample", number);
        json.put("completion", completion);
        json.put("extracted", extracted.orElse(null));
        json.put("grade", grade);
        json.put("correct", correct);
        if (Double.isNaN(reward)) {
            json.putNull("reward");
        } else {
            json.put("reward", reward);
        }
        json.put("tokens", tokens);
        json.put("stop", stop);
        json.put("logprob", logprob);
        if (ids != null) {
            ArrayNode array = json.putArray(IDS);
            for (int id : ids.toArray()) {
                array.add(id);
            }
        }
        return json;
    }

    /** @return empty if it is no line of such a file */
    static Optional<StoredSample> of(JsonNode json) {
        Optional<AnswerKind> kind = Arrays.stream(AnswerKind.values())
                .filter(each -> each.label().equals(json.path("kind").asText()))
                .findFirst();
        if (kind.isEmpty() || !Arrays.stream(KEYS).allMatch(json::has)) {
            return Optional.empty();
        }
        JsonNode extracted = json.path("extracted");
        return Optional.of(new StoredSample(
                json.path("item_id").asText(),
                json.path("target").asText(),
                kind.get(),
                json.path("sample").asInt(),
                json.path("completion").asText(),
                extracted.isNull() ? Optional.empty() : Optional.of(extracted.asText()),
                json.path("grade").asText(),
                json.path("correct").asBoolean(),
                json.path("reward").isNull() ? Double.NaN : json.path("reward").asDouble(),
                json.path("tokens").asInt(),
                json.path("stop").asText(),
                json.path("logprob").asDouble(),
                ids(json.get(IDS))));
    }

    private static @Nullable Tokens ids(@Nullable JsonNode array) {
        return array == null
                ? null
                : Tokens.of(array.valueStream().mapToInt(JsonNode::asInt).toArray());
    }
}
