package org.reft4j.server.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Completions that are wanted of one prompt.
 *
 * @param model a folder, a file, a run's folder, a name on the hub, or a learner
 * @param prompt the text or tokens to go on from
 * @param choices completions of the prompt
 * @param seed of their randomness; the same seed gives the same text, up to rounding
 * @param maxTokens of each; 0 for as many as the model's context holds
 * @param stop texts that end a completion and are no part of it
 * @param stopTokens tokens that end a completion
 * @param alternatives likeliest tokens told with each token; negative where nobody wants log-probabilities
 * @param promptScores true for the log-probabilities of the prompt
 * @param format response format that the text keeps to, or {@code null}
 */
public record SampleRequest(
        String model,
        Prompt prompt,
        int choices,
        long seed,
        int maxTokens,
        double temperature,
        double topP,
        int topK,
        List<String> stop,
        List<Integer> stopTokens,
        double frequencyPenalty,
        double presencePenalty,
        Map<Integer, Double> bias,
        int alternatives,
        boolean promptScores,
        @Nullable JsonNode format) {

    public SampleRequest {
        stop = List.copyOf(stop);
        stopTokens = List.copyOf(stopTokens);
        bias = Map.copyOf(bias);
        format = known(format);
    }

    /** On its way between processes a missing value becomes JSON's null. */
    private static @Nullable JsonNode known(@Nullable JsonNode value) {
        return value == null || value.isNull() ? null : value;
    }

    /**
     * One of three forms of a prompt; the others are {@code null}.
     *
     * @param messages a conversation, put into words by the model's chat template
     * @param tools that the conversation may use
     * @param variables of the template
     * @param calls tools of which the reply must call one, or {@code null} where it need not
     * @param suffix what comes after the text that is to be written, or {@code null}
     */
    public record Prompt(
            @Nullable JsonNode messages,
            @Nullable JsonNode tools,
            Map<String, JsonNode> variables,
            @Nullable JsonNode calls,
            @Nullable String text,
            @Nullable String suffix,
            @Nullable List<Integer> tokens) {
        public Prompt {
            messages = known(messages);
            tools = known(tools);
            calls = known(calls);
        }

        public static Prompt chat(
                JsonNode messages,
                @Nullable JsonNode tools,
                @Nullable JsonNode calls,
                Map<String, JsonNode> variables) {
            return new Prompt(messages, tools, variables, calls, null, null, null);
        }

        public static Prompt of(String text) {
            return of(text, null);
        }

        /** @param suffix what comes after the text that is to be written, or {@code null} */
        public static Prompt of(String text, @Nullable String suffix) {
            return new Prompt(null, null, Map.of(), null, text, suffix, null);
        }

        public static Prompt of(List<Integer> tokens) {
            return new Prompt(null, null, Map.of(), null, null, null, tokens);
        }
    }
}
