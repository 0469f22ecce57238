package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.SampleEvent;
import org.reft4j.server.engine.SampleStream;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Reply;

/** {@code POST /v1/chat/completions}. */
final class ChatRoute {
    private final EngineProcess engine;
    private final Models models;

    ChatRoute(EngineProcess engine, Models models) {
        this.engine = engine;
        this.models = models;
    }

    Reply handle(Call call) {
        ChatRequest request = ChatRequest.of(new Fields(call.body()));
        Wish wish = request.wish();
        String place = models.place(call, wish.model());
        SampleStream stream = engine.sample(List.of(wish.request(
                place,
                request.prompt(),
                wish.choices(),
                Secrets.number(),
                request.alternatives(),
                /* promptScores */ false)));
        String id = Secrets.id("chatcmpl-");
        if (wish.stream()) {
            return stream(request, stream, id);
        }
        return Awaited.reply(stream, 1, wish.choices(), all -> reply(request, all.getFirst(), id));
    }

    private static Reply stream(ChatRequest request, SampleStream stream, String id) {
        SampleEvent.Prompt prompt;
        try {
            prompt = Completed.prompt(stream).prompt();
        } catch (RuntimeException e) {
            stream.close();
            throw e;
        }
        return new Reply.Stream("text/event-stream", out -> {
            try (stream) {
                new ChatStream(request, prompt, id, new Events(out)).write(stream);
            }
        });
    }

    static ObjectNode head(ChatRequest request, String id, String object) {
        return Json.PLAIN
                .createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", Instant.now().getEpochSecond())
                .put("model", request.wish().model());
    }

    private static ObjectNode reply(ChatRequest request, Completed completed, String id) {
        ObjectNode reply = head(request, id, "chat.completion");
        ArrayNode choices = reply.putArray("choices");
        int tokens = 0;
        for (int i = 0; i < completed.choices().size(); i++) {
            Completed.Choice choice = completed.choices().get(i);
            tokens += choice.ids().size();
            ObjectNode json = choices.addObject().put("index", i);
            ToolCalls.Parsed parsed = parsed(request, choice.text());
            ObjectNode message = json.putObject("message").put("role", "assistant");
            boolean calls = !parsed.calls().isEmpty();
            message.put("content", calls && parsed.content().isEmpty() ? null : parsed.content());
            message.putNull("refusal");
            if (calls) {
                ToolCalls.write(message.putArray("tool_calls"), parsed.calls(), /* streamed */ false);
            }
            json.set(
                    "logprobs",
                    request.alternatives() < 0 ? Json.PLAIN.nullNode() : Completed.logprobs(choice.shown()));
            json.put("finish_reason", calls ? request.called() : choice.reason());
            if (request.wish().tokenIds()) {
                choice.ids().forEach(json.putArray("token_ids")::add);
            }
        }
        if (request.wish().tokenIds()) {
            completed.prompt().forEach(reply.putArray("prompt_token_ids")::add);
        }
        Wish.usage(reply, completed.prompt().size(), tokens);
        return reply;
    }

    static ToolCalls.Parsed parsed(ChatRequest request, String text) {
        if (request.tools().isEmpty()) {
            return new ToolCalls.Parsed(text, List.of());
        }
        ToolCalls.Parsed parsed = ToolCalls.of(text, request.tools());
        return request.single() && parsed.calls().size() > 1
                ? new ToolCalls.Parsed(parsed.content(), parsed.calls().subList(0, 1))
                : parsed;
    }
}
