package org.reft4j.verify.planted.tensor;

import org.reft4j.verify.planted.model.ThingManager;

/** Uses the layer above its own. */
final class UpwardTensor {
    ThingManager thing() {
        return new ThingManager();
    }
}
