/**
 * Weights by their names, safetensors files that hold them, and {@code config.json}. Start at
 * {@link org.reft4j.model.weights.StoredWeights}, then {@link org.reft4j.model.weights.SafetensorsFile}.
 */
@NullMarked
package org.reft4j.model.weights;

import org.jspecify.annotations.NullMarked;
