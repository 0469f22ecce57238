package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.judge.ChatModel;

/** Tokens of a model that reads 10, of which it knew 4, and writes 3. */
final class JudgeTokensTest {
    private static final ChatModel.Request REQUEST = new ChatModel.Request(
            List.of(new ChatModel.Message("user", "?")),
            JsonNodeFactory.instance.objectNode(),
            "score",
            new ChatModel.Sampling(null, null, null, null, null),
            Duration.ofSeconds(1));

    @Test
    void areThoseSinceTheLastCall() {
        ModelMap models =
                ModelMap.NONE.with("judge", _ -> new ChatModel.Reply.Text("{}", new ChatModel.Usage(10, 3, 4)));
        JudgeTokens tokens = new JudgeTokens(models);
        assertEquals(Map.of(), tokens.take(), "nobody was asked");
        ChatModel judge = models.chat("judge").orElseThrow();
        judge.ask(REQUEST);
        assertEquals(
                Map.of(
                        "judge-tokens/judge/prompt",
                        10.0,
                        "judge-tokens/judge/completion",
                        3.0,
                        "judge-tokens/judge/cached",
                        4.0),
                tokens.take());
        judge.ask(REQUEST);
        judge.ask(REQUEST);
        assertEquals(20, tokens.take().getOrDefault("judge-tokens/judge/prompt", 0.0));
        assertEquals(Map.of(), tokens.take());
    }
}
