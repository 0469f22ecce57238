package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.SampleEvent;
import org.reft4j.server.engine.SampleEvent.TokenText;
import org.reft4j.server.engine.SampleRequest;
import org.reft4j.server.engine.SampleStream;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Reply;

/** {@code POST /v1/completions}. */
final class CompletionRoute {
    private static final int MAX_TOKENS = 16;
    private static final int MOST_ALTERNATIVES = 5;
    private static final int MOST_CHOICES = 128;

    private final EngineProcess engine;
    private final Models models;

    CompletionRoute(EngineProcess engine, Models models) {
        this.engine = engine;
        this.models = models;
    }

    /**
     * A request.
     *
     * @param best completions that are sampled of each prompt; the likeliest of them are told
     * @param nothing true if no token is asked for, only the prompt's scores
     */
    private record Asked(
            Wish wish, List<SampleRequest.Prompt> prompts, boolean echo, int alternatives, int best, boolean nothing) {
        static Asked of(Fields fields) {
            boolean echo = fields.flag("echo");
            int tokens = fields.integer("max_tokens", 0, Integer.MAX_VALUE, MAX_TOKENS);
            Wish wish = Wish.of(fields, Math.max(1, tokens));
            if (tokens == 0 && !echo) {
                throw ApiError.invalid(
                        "max_tokens", "Invalid value for 'max_tokens': 0; expected 1 or more, or 'echo'.");
            }
            String suffix = fields.has("suffix") ? fields.get("suffix").asText() : "";
            if (!suffix.isEmpty() && echo) {
                throw ApiError.invalid("echo", "'echo' and 'suffix' exclude each other; leave out one of the two.");
            }
            int best = fields.integer("best_of", 1, MOST_CHOICES, wish.choices());
            if (best < wish.choices()) {
                throw ApiError.invalid("best_of", "'best_of' must be at least 'n' (" + wish.choices() + ").");
            }
            if (wish.stream() && best > wish.choices()) {
                throw ApiError.invalid("best_of", "'best_of' above 'n' cannot be streamed.");
            }
            int alternatives = fields.has("logprobs") ? fields.integer("logprobs", 0, MOST_ALTERNATIVES, 0) : -1;
            return new Asked(wish, prompts(fields.get("prompt"), suffix), echo, alternatives, best, tokens == 0);
        }

        private static List<SampleRequest.Prompt> prompts(JsonNode prompt, String suffix) {
            List<SampleRequest.Prompt> prompts = new ArrayList<>();
            if (prompt.isTextual()) {
                prompts.add(text(prompt, suffix));
            } else if (prompt.isArray() && !prompt.isEmpty() && prompt.get(0).isNumber()) {
                prompts.add(SampleRequest.Prompt.of(Fields.ids("prompt", prompt)));
            } else if (prompt.isArray()) {
                for (JsonNode each : prompt) {
                    prompts.add(
                            each.isTextual()
                                    ? text(each, suffix)
                                    : SampleRequest.Prompt.of(Fields.ids("prompt", each)));
                }
            }
            if (!suffix.isEmpty() && prompts.stream().anyMatch(each -> each.text() == null)) {
                throw ApiError.invalid("suffix", "'suffix' needs a prompt that is a text, not token ids.");
            }
            if (prompts.isEmpty() || prompts.size() > MOST_CHOICES) {
                throw ApiError.invalid(
                        "prompt", "'prompt' must be a text, a list of 1 to " + MOST_CHOICES + " texts, or token ids.");
            }
            return prompts;
        }

        private static SampleRequest.Prompt text(JsonNode prompt, String suffix) {
            return SampleRequest.Prompt.of(prompt.asText(), suffix.isEmpty() ? null : suffix);
        }

        boolean scored() {
            return echo && alternatives >= 0;
        }
    }

    Reply handle(Call call) {
        Asked asked = Asked.of(new Fields(call.body()));
        Wish wish = asked.wish();
        String place = models.place(call, wish.model());
        long fresh = Secrets.number();
        SampleStream stream = engine.sample(asked.prompts().stream()
                .map(prompt -> wish.request(place, prompt, asked.best(), fresh, asked.alternatives(), asked.scored()))
                .toList());
        String id = Secrets.id("cmpl-");
        if (wish.stream()) {
            return stream(asked, stream, id);
        }
        return Awaited.reply(stream, asked.prompts().size(), asked.best(), all -> reply(asked, all, id));
    }

    private static ObjectNode head(Wish wish, String id) {
        return Json.PLAIN
                .createObjectNode()
                .put("id", id)
                .put("object", "text_completion")
                .put("created", Instant.now().getEpochSecond())
                .put("model", wish.model());
    }

    private static ObjectNode reply(Asked asked, List<Completed> all, String id) {
        ObjectNode reply = head(asked.wish(), id);
        ArrayNode choices = reply.putArray("choices");
        int prompt = 0;
        int tokens = 0;
        for (int p = 0; p < all.size(); p++) {
            Completed each = all.get(p);
            prompt += each.prompt().size();
            tokens += asked.nothing()
                    ? 0
                    : each.choices().stream()
                            .mapToInt(choice -> choice.ids().size())
                            .sum();
            List<Completed.Choice> best = each.choices();
            if (asked.best() > asked.wish().choices()) {
                best = best.stream()
                        .sorted(Comparator.comparingDouble((Completed.Choice choice) -> -choice.likelihood()))
                        .limit(asked.wish().choices())
                        .toList();
            }
            for (Completed.Choice choice : best) {
                choices.add(choice(asked, each, choice, choices.size()));
            }
        }
        Wish.usage(reply, prompt, tokens);
        return reply;
    }

    private static ObjectNode choice(Asked asked, Completed completed, Completed.Choice choice, int index) {
        String text = asked.nothing() ? "" : choice.text();
        List<TokenText> shown = asked.nothing() ? List.of() : choice.shown();
        String before = asked.echo() ? completed.written() : "";
        ObjectNode json =
                Json.PLAIN.createObjectNode().put("text", before + text).put("index", index);
        if (asked.alternatives() < 0) {
            json.putNull("logprobs");
        } else {
            json.set(
                    "logprobs",
                    legacy(
                            Stream.concat(completed.scores().stream(), shown.stream())
                                    .toList(),
                            asked.scored() ? completed.first() : null,
                            asked.echo() && !asked.scored() ? before.length() : 0));
        }
        json.put("finish_reason", asked.nothing() ? "length" : choice.reason());
        if (asked.wish().tokenIds()) {
            choice.ids().forEach(json.putArray("token_ids")::add);
            completed.prompt().forEach(json.putArray("prompt_token_ids")::add);
        }
        return json;
    }

    /**
     * Log-probabilities in the form of completions.
     *
     * @param first a token in front that has no log-probability, or {@code null}
     */
    private static ObjectNode legacy(List<TokenText> tokens, @Nullable String first, int offset) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        ArrayNode texts = json.putArray("tokens");
        ArrayNode logprobs = json.putArray("token_logprobs");
        ArrayNode tops = json.putArray("top_logprobs");
        ArrayNode offsets = json.putArray("text_offset");
        int at = offset;
        if (first != null) {
            texts.add(first);
            logprobs.addNull();
            tops.addNull();
            offsets.add(at);
            at += first.length();
        }
        for (TokenText token : tokens) {
            texts.add(token.text());
            logprobs.add(token.logprob());
            ObjectNode top = tops.addObject();
            token.top().forEach(other -> top.put(other.text(), other.logprob()));
            offsets.add(at);
            at += token.text().length();
        }
        return json;
    }

    private static Reply stream(Asked asked, SampleStream stream, String id) {
        Completed.First first;
        try {
            first = Completed.prompt(stream);
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
        return new Reply.Stream("text/event-stream", out -> {
            try (stream) {
                write(asked, stream, first, id, new Events(out));
            }
        });
    }

    /** @param read the prompt that was told of already */
    private static void write(Asked asked, SampleStream stream, Completed.First read, String id, Events events)
            throws IOException {
        Wish wish = asked.wish();
        int open = asked.prompts().size();
        int prompt = read.prompt().tokens().size();
        int tokens = 0;
        Map<Integer, Integer> offsets = new HashMap<>();
        try {
            echo(asked, read.request(), read.prompt(), id, events, offsets);
            while (open > 0) {
                SampleStream.Heard heard = stream.next(ChatStream.SILENCE).orElse(null);
                if (heard == null) {
                    events.comment();
                    continue;
                }
                int first = heard.request() * wish.choices();
                switch (heard.event()) {
                    case SampleEvent.Prompt more -> {
                        prompt += more.tokens().size();
                        echo(asked, heard.request(), more, id, events, offsets);
                    }
                    case SampleEvent.Text more -> {
                        if (!asked.nothing()) {
                            text(asked, id, first + more.choice(), more, events, offsets);
                        }
                    }
                    case SampleEvent.Finish end -> {
                        tokens += asked.nothing() ? 0 : end.tokens().size();
                        String reason = asked.nothing() ? "length" : end.reason();
                        ObjectNode last = chunk(asked, id, first + end.choice(), "", null, reason);
                        if (wish.tokenIds()) {
                            end.tokens()
                                    .forEach(((ObjectNode) last.path("choices").get(0)).putArray("token_ids")::add);
                        }
                        events.send(last);
                    }
                    case SampleEvent.End _ -> open--;
                }
            }
        } catch (ApiError e) {
            events.send(e.body());
            return;
        }
        if (wish.usage()) {
            ObjectNode last = head(wish, id);
            last.putArray("choices");
            Wish.usage(last, prompt, tokens);
            events.send(last);
        }
        events.done();
    }

    /** Tells a prompt as the beginning of its completions, where that is asked for. */
    private static void echo(
            Asked asked,
            int request,
            SampleEvent.Prompt prompt,
            String id,
            Events events,
            Map<Integer, Integer> offsets)
            throws IOException {
        if (!asked.echo()) {
            return;
        }
        for (int choice = 0; choice < asked.wish().choices(); choice++) {
            int index = request * asked.wish().choices() + choice;
            ObjectNode scores = asked.scored() ? legacy(prompt.scores(), prompt.first(), 0) : null;
            events.send(chunk(asked, id, index, prompt.text(), scores, null));
            offsets.put(index, prompt.text().length());
        }
    }

    private static void text(
            Asked asked, String id, int index, SampleEvent.Text more, Events events, Map<Integer, Integer> offsets)
            throws IOException {
        int at = offsets.getOrDefault(index, 0);
        boolean told = asked.alternatives() >= 0 && !more.tokens().isEmpty();
        events.send(chunk(asked, id, index, more.text(), told ? legacy(more.tokens(), null, at) : null, null));
        offsets.put(index, at + more.text().length());
    }

    private static ObjectNode chunk(
            Asked asked, String id, int index, String text, @Nullable ObjectNode logprobs, @Nullable String reason) {
        ObjectNode chunk = head(asked.wish(), id);
        ObjectNode choice =
                chunk.putArray("choices").addObject().put("text", text).put("index", index);
        choice.set("logprobs", logprobs == null ? Json.PLAIN.nullNode() : logprobs);
        choice.put("finish_reason", reason);
        if (asked.wish().usage()) {
            chunk.putNull("usage");
        }
        return chunk;
    }
}
