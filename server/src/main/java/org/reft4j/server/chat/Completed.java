package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.ground.files.Json;
import org.reft4j.server.engine.SampleEvent;
import org.reft4j.server.engine.SampleEvent.TokenText;
import org.reft4j.server.engine.SampleStream;

/** A prompt and its completions, as far as they have come. */
final class Completed {
    private static final char HALF = '\uFFFD';
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private List<Integer> prompt = List.of();
    private String written = "";
    private String first = "";
    private List<TokenText> scores = List.of();
    private final List<Choice> choices = new ArrayList<>();

    /** One of the completions. */
    static final class Choice {
        private final StringBuilder text = new StringBuilder();
        private final List<TokenText> shown = new ArrayList<>();
        private String reason = "";
        private List<Integer> ids = List.of();
        private List<Double> logprobs = List.of();

        String text() {
            return text.toString();
        }

        /** Tokens of the text, where log-probabilities are asked for. */
        List<TokenText> shown() {
            return shown;
        }

        String reason() {
            return reason;
        }

        /** Ids of all tokens, the one that ends the text included. */
        List<Integer> ids() {
            return ids;
        }

        List<Double> logprobs() {
            return logprobs;
        }

        /** Mean log-probability of a token. */
        double likelihood() {
            return logprobs.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }
    }

    Completed(int count) {
        for (int i = 0; i < count; i++) {
            choices.add(new Choice());
        }
    }

    List<Integer> prompt() {
        return prompt;
    }

    List<TokenText> scores() {
        return scores;
    }

    List<Choice> choices() {
        return choices;
    }

    /** Text of the prompt. */
    String written() {
        return written;
    }

    /** The prompt's first token. */
    String first() {
        return first;
    }

    void take(SampleEvent event) {
        switch (event) {
            case SampleEvent.Prompt read -> {
                prompt = read.tokens();
                written = read.text();
                first = read.first();
                scores = read.scores();
            }
            case SampleEvent.Text more -> {
                choices.get(more.choice()).text.append(more.text());
                choices.get(more.choice()).shown.addAll(more.tokens());
            }
            case SampleEvent.Finish end -> {
                Choice choice = choices.get(end.choice());
                choice.reason = end.reason();
                choice.ids = end.tokens();
                choice.logprobs = end.logprobs();
            }
            case SampleEvent.End _ -> {}
        }
    }

    /**
     * A prompt that was put into tokens.
     *
     * @param request number of the request that it is of
     */
    record First(int request, SampleEvent.Prompt prompt) {}

    /** Waits until a prompt was put into tokens: what is wrong with a request is known then. */
    static First prompt(SampleStream stream) {
        while (true) {
            SampleStream.Heard heard = stream.next(PATIENCE).orElse(null);
            if (heard != null && heard.event() instanceof SampleEvent.Prompt prompt) {
                return new First(heard.request(), prompt);
            }
        }
    }

    /** The log-probabilities of a chat's text. */
    static ObjectNode logprobs(List<TokenText> tokens) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        ArrayNode content = json.putArray("content");
        for (TokenText token : tokens) {
            ObjectNode entry = content.addObject();
            entry(entry, token);
            ArrayNode top = entry.putArray("top_logprobs");
            token.top().forEach(other -> entry(top.addObject(), other));
        }
        json.putNull("refusal");
        return json;
    }

    private static void entry(ObjectNode entry, TokenText token) {
        entry.put("token", token.text()).put("logprob", token.logprob());
        if (token.text().indexOf(HALF) >= 0) {
            entry.putNull("bytes"); // a part of a character
            return;
        }
        ArrayNode bytes = entry.putArray("bytes");
        for (byte each : token.text().getBytes(StandardCharsets.UTF_8)) {
            bytes.add(each & 0xFF);
        }
    }
}
