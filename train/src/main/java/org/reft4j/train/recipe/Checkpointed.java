package org.reft4j.train.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** State that the next step depends on, so that a resumed run goes on as the undisturbed one would have. */
interface Checkpointed {
    /** Writes the state into the {@code trainer/state.json} of a checkpoint, each part under a key of its own. */
    void save(ObjectNode state);

    /** Takes over what {@link #save} wrote; a checkpoint of an older version may lack it. */
    void restore(JsonNode state);
}
