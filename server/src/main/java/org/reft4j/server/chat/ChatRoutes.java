package org.reft4j.server.chat;

import java.util.Map;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.http.Endpoint;

/** The routes that write text with a model. */
public final class ChatRoutes {
    private final ChatRoute chat;
    private final CompletionRoute completion;
    private final GenerateRoute generate;

    /** @param places where the models are that clients name */
    public ChatRoutes(EngineProcess engine, ModelPlaces places) {
        Models models = new Models(places);
        this.chat = new ChatRoute(engine, models);
        this.completion = new CompletionRoute(engine, models);
        this.generate = new GenerateRoute(engine, models);
    }

    public Map<String, Endpoint> handlers() {
        return Map.of(
                "createChatCompletion", chat::handle,
                "createCompletion", completion::handle,
                "generateTokens", generate::handle);
    }
}
