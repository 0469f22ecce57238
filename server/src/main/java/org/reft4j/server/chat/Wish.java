package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.model.schema.SchemaException;
import org.reft4j.server.engine.SampleRequest;
import org.reft4j.server.http.ApiError;

/**
 * The fields that chats and completions have in common.
 *
 * @param model name as the client wrote it
 * @param maxTokens 0 for as many as fit
 * @param format response format, or {@code null} for any text
 */
record Wish(
        String model,
        int choices,
        Optional<Long> seed,
        int maxTokens,
        double temperature,
        double topP,
        int topK,
        List<String> stop,
        List<Integer> stopTokens,
        double frequencyPenalty,
        double presencePenalty,
        Map<Integer, Double> bias,
        @Nullable JsonNode format,
        boolean stream,
        boolean usage,
        boolean tokenIds) {
    private static final int MOST_CHOICES = 128;
    private static final int MOST_STOPS = 4;
    /** A share of 0 is the likeliest token alone. */
    private static final double LEAST_SHARE = 1e-9;

    static Wish of(Fields fields, int maxTokens) {
        boolean stream = fields.flag("stream");
        if (fields.has("stream_options") && !stream) {
            throw ApiError.invalid(
                    "stream_options", "The 'stream_options' parameter is only allowed when 'stream' is enabled.");
        }
        return new Wish(
                fields.text("model"),
                fields.integer("n", 1, MOST_CHOICES, 1),
                fields.whole("seed"),
                maxTokens,
                fields.number("temperature", 0, 2, 1),
                Math.max(LEAST_SHARE, fields.number("top_p", 0, 1, 1)),
                Math.max(0, fields.integer("top_k", -1, Integer.MAX_VALUE, 0)),
                fields.texts("stop", MOST_STOPS),
                fields.ids("stop_token_ids"),
                fields.number("frequency_penalty", -2, 2, 0),
                fields.number("presence_penalty", -2, 2, 0),
                fields.bias("logit_bias"),
                format(fields),
                stream,
                fields.get("stream_options").path("include_usage").asBoolean(),
                fields.flag("return_token_ids"));
    }

    private static @Nullable JsonNode format(Fields fields) {
        JsonNode given = fields.get("response_format");
        if (given.isMissingNode()) {
            return null;
        }
        try {
            return ResponseFormat.read(given).map(ResponseFormat::json).orElse(null);
        } catch (SchemaException e) {
            throw ApiError.invalid("response_format", "Invalid 'response_format': " + e.getMessage());
        }
    }

    /**
     * The request to the engine.
     *
     * @param place of the model
     * @param fresh the seed where the client gives none
     * @param alternatives negative where nobody wants log-probabilities
     */
    SampleRequest request(
            String place, SampleRequest.Prompt prompt, int count, long fresh, int alternatives, boolean promptScores) {
        return new SampleRequest(
                place,
                prompt,
                count,
                seed.orElse(fresh),
                maxTokens,
                temperature,
                topP,
                topK,
                stop,
                stopTokens,
                frequencyPenalty,
                presencePenalty,
                bias,
                alternatives,
                promptScores,
                format);
    }

    /** The object {@code usage} of a reply. */
    static void usage(ObjectNode reply, int prompt, int completion) {
        ObjectNode usage = reply.putObject("usage")
                .put("prompt_tokens", prompt)
                .put("completion_tokens", completion)
                .put("total_tokens", prompt + completion);
        usage.putObject("prompt_tokens_details").put("cached_tokens", 0).put("audio_tokens", 0);
        usage.putObject("completion_tokens_details")
                .put("reasoning_tokens", 0)
                .put("audio_tokens", 0)
                .put("accepted_prediction_tokens", 0)
                .put("rejected_prediction_tokens", 0);
    }
}
