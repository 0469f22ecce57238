package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.SampleEvent.TokenText;
import org.reft4j.server.engine.SampleRequest;
import org.reft4j.server.engine.SampleStream;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Reply;

/** {@code POST /inference/v1/generate}, vLLM's route from tokens to tokens. */
final class GenerateRoute {
    private static final int MAX_TOKENS = 16;
    private static final int MOST_ALTERNATIVES = 20;

    private final EngineProcess engine;
    private final Models models;

    GenerateRoute(EngineProcess engine, Models models) {
        this.engine = engine;
        this.models = models;
    }

    Reply handle(Call call) {
        ObjectNode body = call.body();
        Fields fields = new Fields(body);
        if (fields.flag("stream")) {
            throw ApiError.invalid("stream", "This route does not stream; leave out 'stream'.");
        }
        List<Integer> ids = fields.ids("token_ids");
        if (ids.isEmpty()) {
            throw ApiError.invalid("token_ids", "'token_ids' must hold at least one token id.");
        }
        JsonNode given = fields.get("sampling_params");
        ObjectNode params = given.isObject() ? given.deepCopy() : Json.PLAIN.createObjectNode();
        params.set("model", fields.get("model").isMissingNode() ? Json.PLAIN.nullNode() : fields.get("model"));
        Fields sampling = new Fields(params);
        Wish wish = Wish.of(sampling, sampling.integer("max_tokens", 1, Integer.MAX_VALUE, MAX_TOKENS));
        int alternatives = sampling.has("logprobs") ? sampling.integer("logprobs", 0, MOST_ALTERNATIVES, 0) : -1;
        boolean scores = sampling.has("prompt_logprobs");
        String place = models.place(call, wish.model());
        SampleStream stream = engine.sample(List.of(wish.request(
                place, SampleRequest.Prompt.of(ids), wish.choices(), Secrets.number(), alternatives, scores)));
        return Awaited.reply(
                stream, 1, wish.choices(), all -> reply(all.getFirst(), call.id(), alternatives >= 0, scores));
    }

    private static ObjectNode reply(Completed completed, String id, boolean logprobs, boolean scores) {
        ObjectNode reply = Json.PLAIN.createObjectNode().put("request_id", id);
        ArrayNode choices = reply.putArray("choices");
        for (int i = 0; i < completed.choices().size(); i++) {
            Completed.Choice choice = completed.choices().get(i);
            ObjectNode json = choices.addObject().put("index", i);
            choice.ids().forEach(json.putArray("token_ids")::add);
            json.put("finish_reason", choice.reason());
            if (logprobs) {
                ArrayNode content = json.putObject("logprobs").putArray("content");
                for (int t = 0; t < choice.ids().size(); t++) {
                    ObjectNode entry = content.addObject();
                    entry.put("token", "token_id:" + choice.ids().get(t));
                    entry.put("logprob", choice.logprobs().get(t)).putNull("bytes");
                    ArrayNode top = entry.putArray("top_logprobs");
                    if (t < choice.shown().size()) {
                        choice.shown()
                                .get(t)
                                .top()
                                .forEach(other -> top.addObject()
                                        .put("token", "token_id:" + other.id())
                                        .put("logprob", other.logprob())
                                        .putNull("bytes"));
                    }
                }
            } else {
                json.putNull("logprobs");
            }
        }
        completed.prompt().forEach(reply.putArray("prompt_token_ids")::add);
        if (scores) {
            ArrayNode all = reply.putArray("prompt_logprobs").addNull();
            completed.scores().forEach(token -> scored(all.addObject(), token));
        } else {
            reply.putNull("prompt_logprobs");
        }
        return reply;
    }

    private static void scored(ObjectNode entry, TokenText token) {
        entry.putObject(Integer.toString(token.id()))
                .put("logprob", token.logprob())
                .put("decoded_token", token.text());
        token.top()
                .forEach(other -> entry.putObject(Integer.toString(other.id()))
                        .put("logprob", other.logprob())
                        .put("decoded_token", other.text()));
    }
}
