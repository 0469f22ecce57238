package org.reft4j.server.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.reft4j.ground.files.Json;

/** JSON objects in columns of text. */
final class JsonText {
    private JsonText() {}

    static ObjectNode object(String text) {
        try {
            return (ObjectNode) Json.PLAIN.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a column holds no JSON: " + e.getOriginalMessage(), e);
        }
    }
}
