/**
 * Decoder-only language models. Open {@link org.reft4j.model.decoder.Decoder} first. {@link org.reft4j.model.decoder.Loader} reads the parts
 * of one from a checkpoint, and {@code LayeredDecoder} runs them.
 *
 * <p>The packages below: {@code layers} holds the parts that every family is built from, {@code families} one file for each model family,
 * {@code adapters} LoRA.
 */
@NullMarked
package org.reft4j.model.decoder;

import org.jspecify.annotations.NullMarked;
