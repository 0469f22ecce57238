package org.reft4j.server.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.files.Json;

class JudgeUsageTest {
    /** 8 completions cost 80 and 24 tokens, 2 validation answers 30 and 6; by hand. */
    @Test
    void speaksAsTheGuideDoes() throws IOException {
        ObjectNode data = Json.PLAIN.createObjectNode();
        new JudgeUsage(
                        Map.of(
                                "seconds", 1.0,
                                "judge-tokens/org/m/prompt", 80.0,
                                "judge-tokens/org/m/completion", 24.0,
                                "judge-tokens/org/m/cached", 16.0),
                        Map.of("judge-tokens/org/m/prompt", 30.0, "judge-tokens/org/m/completion", 6.0))
                .write(
                        data,
                        Map.of(
                                "taste",
                                Json.PLAIN.readTree(
                                        "{\"type\": \"score_model\", \"name\": \"taste\", \"model\": \"org/m\"}")),
                        8,
                        2);
        assertEquals(Json.PLAIN.readTree("""
                        {"model_graders_token_usage": {"org/m": {
                           "train_prompt_tokens": 80, "eval_prompt_tokens": 30, "train_completion_tokens": 24, "eval_completion_tokens": 6,
                           "train_cached_tokens": 16, "eval_cached_tokens": 0}},
                         "usage": {"graders": [{"name": "taste", "type": "score_model", "model": "org/m",
                           "train_prompt_tokens_mean": 10.0, "train_prompt_tokens_count": 8, "valid_prompt_tokens_mean": 15.0, "valid_prompt_tokens_count": 2,
                           "train_completion_tokens_mean": 3.0, "train_completion_tokens_count": 8, "valid_completion_tokens_mean": 3.0,
                           "valid_completion_tokens_count": 2}]}}
                        """), Json.PLAIN.readTree(data.toString()));
    }

    @Test
    void graderOfNoModelCostsNothing() throws IOException {
        ObjectNode data = Json.PLAIN.createObjectNode();
        new JudgeUsage(Map.of(), Map.of())
                .write(data, Map.of("a", Json.PLAIN.readTree("{\"type\": \"string_check\"}")), 8, 0);
        assertEquals("{\"model_graders_token_usage\":{},\"usage\":{\"graders\":[]}}", data.toString());
    }
}
