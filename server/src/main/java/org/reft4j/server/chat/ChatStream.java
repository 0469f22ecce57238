package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.ground.files.Json;
import org.reft4j.server.engine.SampleEvent;
import org.reft4j.server.engine.SampleEvent.TokenText;
import org.reft4j.server.engine.SampleStream;
import org.reft4j.server.http.ApiError;

/** Chunks of a chat as its tokens come. What may be the beginning of a tool's call is held back until it is known. */
final class ChatStream {
    static final Duration SILENCE = Duration.ofSeconds(5);

    private final ChatRequest request;
    private final String id;
    private final Events events;
    private final int prompt;
    private final List<Integer> promptIds;
    private final List<StringBuilder> held = new ArrayList<>();
    private int tokens;

    ChatStream(ChatRequest request, SampleEvent.Prompt prompt, String id, Events events) {
        this.request = request;
        this.id = id;
        this.events = events;
        this.prompt = prompt.tokens().size();
        this.promptIds = prompt.tokens();
        for (int i = 0; i < request.wish().choices(); i++) {
            held.add(new StringBuilder());
        }
    }

    void write(SampleStream stream) throws IOException {
        for (int choice = 0; choice < held.size(); choice++) {
            ObjectNode chunk = chunk(choice);
            delta(chunk).put("role", "assistant").put("content", "").putNull("refusal");
            if (request.wish().tokenIds()) {
                promptIds.forEach(chunk.putArray("prompt_token_ids")::add);
            }
            events.send(chunk);
        }
        try {
            boolean open = true;
            while (open) {
                SampleStream.Heard heard = stream.next(SILENCE).orElse(null);
                if (heard == null) {
                    events.comment();
                } else {
                    take(heard.event());
                    open = !(heard.event() instanceof SampleEvent.End);
                }
            }
        } catch (ApiError e) {
            events.send(e.body());
            return;
        }
        if (request.wish().usage()) {
            ObjectNode last = ChatRoute.head(request, id, "chat.completion.chunk");
            last.putArray("choices");
            Wish.usage(last, prompt, tokens);
            events.send(last);
        }
        events.done();
    }

    private void take(SampleEvent event) throws IOException {
        switch (event) {
            case SampleEvent.Text more -> text(more);
            case SampleEvent.Finish end -> finish(end);
            case SampleEvent.Prompt _, SampleEvent.End _ -> {}
        }
    }

    private void text(SampleEvent.Text more) throws IOException {
        String text = more.text();
        if (!request.tools().isEmpty()) {
            StringBuilder all = held.get(more.choice()).append(text);
            int certain = ToolCalls.certain(all.toString());
            text = all.substring(0, certain);
            all.delete(0, certain);
        }
        if (!text.isEmpty() || !more.tokens().isEmpty()) {
            content(more.choice(), text, more.tokens());
        }
    }

    private void content(int choice, String text, List<TokenText> shown) throws IOException {
        ObjectNode chunk = chunk(choice);
        delta(chunk).put("content", text);
        if (request.alternatives() >= 0) {
            ((ObjectNode) chunk.path("choices").get(0)).set("logprobs", Completed.logprobs(shown));
        }
        events.send(chunk);
    }

    private void finish(SampleEvent.Finish end) throws IOException {
        tokens += end.tokens().size();
        String reason = end.reason();
        String rest = held.get(end.choice()).toString();
        if (!rest.isEmpty()) {
            ToolCalls.Parsed parsed = ChatRoute.parsed(request, rest);
            if (!parsed.content().isEmpty()) {
                content(end.choice(), parsed.content(), List.of());
            }
            if (!parsed.calls().isEmpty()) {
                reason = request.called();
                ObjectNode chunk = chunk(end.choice());
                ToolCalls.write(delta(chunk).putArray("tool_calls"), parsed.calls(), /* streamed */ true);
                events.send(chunk);
            }
        }
        ObjectNode chunk = chunk(end.choice());
        ObjectNode choice = (ObjectNode) chunk.path("choices").get(0);
        choice.put("finish_reason", reason);
        if (request.wish().tokenIds()) {
            end.tokens().forEach(choice.putArray("token_ids")::add);
        }
        events.send(chunk);
    }

    private ObjectNode chunk(int index) {
        ObjectNode chunk = ChatRoute.head(request, id, "chat.completion.chunk");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", index);
        choice.set("delta", Json.PLAIN.createObjectNode());
        choice.putNull("logprobs").putNull("finish_reason");
        if (request.wish().usage()) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    private static ObjectNode delta(ObjectNode chunk) {
        return (ObjectNode) chunk.path("choices").get(0).path("delta");
    }
}
