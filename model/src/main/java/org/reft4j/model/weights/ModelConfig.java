package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A model's {@code config.json}, read key by key: each family knows its own keys and defaults.
 *
 * @param json the whole object
 * @param source the file, for messages
 * @param generation what lies beside it as {@code generation_config.json}; not used here, but handed on to who saves the model
 */
public record ModelConfig(ObjectNode json, String source, ObjectNode generation) {

    /** A configuration with nothing beside it. */
    public ModelConfig(ObjectNode json, String source) {
        this(json, source, JsonFiles.object());
    }

    /** The architecture as {@code architectures[0]} spells it, such as {@code LlamaForCausalLM}. */
    public String architecture() {
        JsonNode name = json.path("architectures").path(0);
        if (!name.isTextual()) {
            throw new FormatException(source + ": no \"architectures\"; expected such as [\"LlamaForCausalLM\"]");
        }
        return name.asText();
    }

    /** A required whole number. */
    public int integer(String key) {
        JsonNode node = json.path(key);
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new FormatException(source + ": \"" + key + "\" is " + (node.isMissingNode() ? "missing" : node)
                    + "; expected a whole number");
        }
        return node.asInt();
    }

    /** A whole number, or the default where the key is absent or null. */
    public int integer(String key, int absent) {
        return json.path(key).isMissingNode() || json.path(key).isNull() ? absent : integer(key);
    }

    /** A required whole number of at least 1. */
    public int count(String key) {
        int value = integer(key);
        if (value < 1) {
            throw new FormatException(source + ": \"" + key + "\" is " + value + "; expected 1 or more");
        }
        return value;
    }

    /** A whole number of at least 1, or the default where the key is absent or null. */
    public int count(String key, int absent) {
        return json.path(key).isMissingNode() || json.path(key).isNull() ? absent : count(key);
    }

    /** A number, or the default where the key is absent or null. */
    public double number(String key, double absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return absent;
        }
        if (!node.isNumber()) {
            throw new FormatException(source + ": \"" + key + "\" is " + node + "; expected a number");
        }
        return node.asDouble();
    }

    /** A truth value, or the default where the key is absent or null. */
    public boolean flag(String key, boolean absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return absent;
        }
        if (!node.isBoolean()) {
            throw new FormatException(source + ": \"" + key + "\" is " + node + "; expected true or false");
        }
        return node.asBoolean();
    }

    /** A text, or the default where the key is absent or null. */
    public String text(String key, String absent) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return absent;
        }
        if (!node.isTextual()) {
            throw new FormatException(source + ": \"" + key + "\" is " + node + "; expected a text");
        }
        return node.asText();
    }
}
