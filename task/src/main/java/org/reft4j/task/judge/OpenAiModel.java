package org.reft4j.task.judge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.reft4j.ground.text.OneLine;

/**
 * Chat model at {@code /chat/completions} of a server that speaks OpenAI's API, as many do. The schema is sent as a
 * {@code response_format}; whether the server holds the model to it is the server's business.
 *
 * @param service that address
 * @param model as the server calls it
 */
public record OpenAiModel(JsonService service, String model) implements ChatModel {
    @Override
    public Reply ask(Request request) {
        return switch (service.post(body(request), request.timeout())) {
            case JsonService.Outcome.Replied(JsonNode body) -> read(body);
            case JsonService.Outcome.Silent(String reason) -> new Reply.Silent(reason);
            case JsonService.Outcome.Broken(String reason) -> new Reply.Broken(reason);
            case JsonService.Outcome.Rubbish(String reason) -> new Reply.Broken(reason);
        };
    }

    private ObjectNode body(Request request) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("model", model);
        for (Message message : request.messages()) {
            body.withArray("messages").addObject().put("role", message.role()).put("content", message.content());
        }
        ObjectNode format = body.putObject("response_format");
        format.put("type", "json_schema");
        ObjectNode schema = format.putObject("json_schema");
        schema.put("name", request.schemaName());
        schema.put("strict", true);
        schema.set("schema", request.schema());
        Sampling sampling = request.sampling();
        if (sampling.temperature() != null) {
            body.put("temperature", sampling.temperature());
        }
        if (sampling.topP() != null) {
            body.put("top_p", sampling.topP());
        }
        if (sampling.maxTokens() != null) {
            body.put("max_completion_tokens", sampling.maxTokens());
        }
        if (sampling.seed() != null) {
            body.put("seed", sampling.seed());
        }
        if (sampling.reasoningEffort() != null) {
            body.put("reasoning_effort", sampling.reasoningEffort());
        }
        return body;
    }

    private Reply read(JsonNode body) {
        Usage usage = new Usage(
                body.path("usage").path("prompt_tokens").asLong(),
                body.path("usage").path("completion_tokens").asLong(),
                body.at("/usage/prompt_tokens_details/cached_tokens").asLong());
        JsonNode choice = body.path("choices").path(0);
        JsonNode message = choice.path("message");
        String end = choice.path("finish_reason").asText();
        if (message.hasNonNull("refusal")) {
            return new Reply.Refusal(OneLine.of(message.get("refusal").asText()), usage);
        }
        if (end.equals("content_filter")) {
            return new Reply.Refusal("the content filter stopped the reply", usage);
        }
        if (end.equals("length")) {
            return new Reply.CutShort(usage);
        }
        JsonNode content = message.path("content");
        return content.isTextual()
                ? new Reply.Text(content.textValue(), usage)
                : new Reply.Broken("the reply of model " + model + " has no choices[0].message.content: "
                        + OneLine.of(body.toString()));
    }
}
