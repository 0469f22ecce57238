package org.reft4j.server.engine;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.schema.Constraint;
import org.reft4j.model.schema.ResponseFormat;
import org.reft4j.model.schema.SchemaException;
import org.reft4j.model.schema.TokenTrie;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.server.http.ApiError;

/** Response formats made ready for the tokens of a model; those used last are kept. */
final class Constraints {
    private static final int KEPT = 64;

    private final Tokenizer tokenizer;
    private final EndTokens ends;
    private final Map<JsonNode, Constraint> known = new LinkedHashMap<>(KEPT, 0.75f, /* accessOrder */ true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<JsonNode, Constraint> eldest) {
            return size() > KEPT;
        }
    };

    private @Nullable TokenTrie trie;

    Constraints(Tokenizer tokenizer, EndTokens ends) {
        this.tokenizer = tokenizer;
        this.ends = ends;
    }

    /**
     * The constraint of a response format.
     *
     * @param param the field that it comes from
     * @throws ApiError if the model's tokens cannot keep to it
     */
    synchronized Constraint of(JsonNode format, String param) {
        Constraint ready = known.get(format);
        if (ready != null) {
            return ready;
        }
        TokenTrie words = trie;
        if (words == null) {
            words = TokenTrie.of(tokenizer, ends);
            trie = words;
        }
        try {
            Constraint made = Constraint.of(ResponseFormat.read(format).orElseThrow(), words);
            known.put(format, made);
            return made;
        } catch (SchemaException e) {
            throw ApiError.invalid(param, "Invalid '" + param + "': " + e.getMessage());
        }
    }
}
