package org.reft4j.task.dataset;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

/** A split's origin: a file of its own, or a number of train questions that are held out. */
public sealed interface SplitSource {
    /**
     * Questions of train.
     *
     * @param amount how many, a share when below 1
     */
    record HeldOut(double amount) implements SplitSource {}

    /**
     * A file.
     *
     * @param path as it is given
     */
    record File(String path) implements SplitSource {}

    /** Reads the setting of a configuration: a number or the name of a file. */
    @JsonCreator
    static SplitSource of(JsonNode node) {
        return node.isNumber() ? new HeldOut(node.doubleValue()) : new File(node.asText());
    }

    /** The same as a configuration has it. */
    @JsonValue
    default JsonNode json() {
        return switch (this) {
            case HeldOut(double amount) -> JsonNodeFactory.instance.numberNode(amount);
            case File(String path) -> JsonNodeFactory.instance.textNode(path);
        };
    }
}
