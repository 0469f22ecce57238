/**
 * GGUF files: reading and writing them, with their number types in blocks and their names for what {@code config.json} says. Start at
 * {@link org.reft4j.model.gguf.GgufFile}.
 */
@NullMarked
package org.reft4j.model.gguf;

import org.jspecify.annotations.NullMarked;
