/**
 * LoRA adapters: trained low-rank matrices beside frozen weights. Open {@link org.reft4j.model.decoder.adapters.Adapters} first;
 * {@link org.reft4j.model.decoder.adapters.AdaptedDecoder} is a decoder with an adapter.
 */
@NullMarked
package org.reft4j.model.decoder.adapters;

import org.jspecify.annotations.NullMarked;
