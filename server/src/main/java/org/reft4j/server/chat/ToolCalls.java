package org.reft4j.server.chat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;

/**
 * Calls of tools in a model's text. Two ways of writing them are known: objects between {@code <tool_call>} and {@code </tool_call>}
 * (Hermes, Qwen), and a text that is nothing but JSON, an object with name and parameters or a list of such (Llama, Mistral).
 */
final class ToolCalls {
    private static final String OPEN = "<tool_call>";
    private static final String CLOSE = "</tool_call>";
    private static final String PYTHON = "<|python_tag|>";
    private static final String MISTRAL = "[TOOL_CALLS]";

    /** @param arguments as JSON */
    record Call(String id, String name, String arguments) {}

    /**
     * A text taken apart.
     *
     * @param content what is left of it
     */
    record Parsed(String content, List<Call> calls) {}

    private ToolCalls() {}

    /** @param names of the tools that there are; a call of another one is text */
    static Parsed of(String text, Set<String> names) {
        List<Call> calls = new ArrayList<>();
        StringBuilder rest = new StringBuilder();
        int at = 0;
        for (int open = text.indexOf(OPEN); open >= 0; open = text.indexOf(OPEN, at)) {
            int close = text.indexOf(CLOSE, open);
            String inner = text.substring(open + OPEN.length(), close < 0 ? text.length() : close);
            List<Call> found = calls(inner, names);
            int end = close < 0 ? text.length() : close + CLOSE.length();
            rest.append(text, at, found.isEmpty() ? end : open);
            calls.addAll(found);
            at = end;
        }
        rest.append(text, at, text.length());
        if (calls.isEmpty()) {
            String bare = text.strip();
            for (String mark : List.of(PYTHON, MISTRAL)) {
                bare = bare.startsWith(mark) ? bare.substring(mark.length()) : bare;
            }
            calls.addAll(calls(bare, names));
            if (!calls.isEmpty()) {
                return new Parsed("", calls);
            }
        }
        return calls.isEmpty()
                ? new Parsed(text, calls)
                : new Parsed(rest.toString().strip(), calls);
    }

    /** Calls in a text that is nothing but JSON values; none if it is anything else. */
    private static List<Call> calls(String text, Set<String> names) {
        String bare = text.strip();
        if (!bare.startsWith("{") && !bare.startsWith("[")) {
            return List.of();
        }
        List<Call> calls = new ArrayList<>();
        // Llama parts several calls by semicolons.
        try (MappingIterator<JsonNode> values =
                Json.PLAIN.readerFor(JsonNode.class).readValues(bare.replace("};", "}\n"))) {
            while (values.hasNextValue()) {
                JsonNode value = values.nextValue();
                for (JsonNode each :
                        value.isArray() ? value : Json.PLAIN.createArrayNode().add(value)) {
                    String name = each.path("name").asText();
                    JsonNode arguments = each.has("arguments") ? each.get("arguments") : each.path("parameters");
                    if (!names.contains(name)) {
                        return List.of();
                    }
                    calls.add(new Call(Secrets.id("call_"), name, text(arguments)));
                }
            }
        } catch (IOException | RuntimeException e) {
            return List.of();
        }
        return calls;
    }

    private static String text(JsonNode arguments) {
        if (arguments.isMissingNode() || arguments.isNull()) {
            return "{}";
        }
        return arguments.isTextual() ? arguments.asText() : arguments.toString();
    }

    /** Length of the beginning of a text that is certainly no part of a call. */
    static int certain(String text) {
        String bare = text.stripLeading();
        if (bare.isEmpty()
                || bare.startsWith("{")
                || bare.startsWith("[")
                || PYTHON.startsWith(bare)
                || bare.startsWith(PYTHON)) {
            return 0;
        }
        int open = text.indexOf(OPEN);
        if (open >= 0) {
            return open;
        }
        for (int length = Math.min(OPEN.length() - 1, text.length()); length > 0; length--) {
            if (OPEN.startsWith(text.substring(text.length() - length))) {
                return text.length() - length;
            }
        }
        return text.length();
    }

    /** As a message has them. */
    static void write(ArrayNode into, List<Call> calls, boolean streamed) {
        for (int i = 0; i < calls.size(); i++) {
            Call call = calls.get(i);
            var json = into.addObject();
            if (streamed) {
                json.put("index", i);
            }
            json.put("id", call.id()).put("type", "function");
            json.putObject("function").put("name", call.name()).put("arguments", call.arguments());
        }
    }
}
