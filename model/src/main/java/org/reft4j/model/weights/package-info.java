/** Model files: safetensors, GGUF, {@code config.json}. Start at {@link org.reft4j.model.weights.ModelFolder}. */
@NullMarked
package org.reft4j.model.weights;

import org.jspecify.annotations.NullMarked;
