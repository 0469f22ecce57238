package org.reft4j.task.grade;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.reft4j.ground.files.Json;

/**
 * A completion as grader objects see it, under {@code sample} in templates and in Python: {@code output_text}, {@code output_json} where
 * the text is JSON, {@code output_tools} and {@code choices}.
 *
 * @param text what the model wrote
 */
public record Sample(String text) {
    /** Key of the completion's JSON, where its text is JSON. */
    static final String JSON_FIELD = "output_json";
    /** All that a sample may have. */
    static final Set<String> FIELDS = Set.of("output_text", JSON_FIELD, "output_tools", "choices");

    /** The {@code sample} of OpenAI's grader runs. A new object; the caller may change it. */
    public ObjectNode json() {
        JsonNodeFactory make = JsonNodeFactory.instance;
        ObjectNode sample = make.objectNode();
        sample.put("output_text", text);
        JsonNode parsed = parsed();
        if (!parsed.isMissingNode()) {
            sample.set(JSON_FIELD, parsed);
        }
        sample.putArray("output_tools");
        ObjectNode message = sample.putArray("choices").addObject().putObject("message");
        message.put("role", "assistant");
        message.put("content", text);
        message.putArray("tool_calls");
        return sample;
    }

    /** The text as JSON, or a missing node. A bare number or word is text, not JSON: only objects and lists count. */
    private JsonNode parsed() {
        String bare = text.strip();
        if (!bare.startsWith("{") && !bare.startsWith("[")) {
            return JsonNodeFactory.instance.missingNode();
        }
        try {
            return Json.WHOLE.readTree(bare);
        } catch (JsonProcessingException e) {
            return JsonNodeFactory.instance.missingNode();
        }
    }
}
