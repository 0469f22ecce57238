/**
 * Parts of a decoder: attention, feed-forward, norms, embeddings, the key/value cache. Open {@link org.reft4j.model.decoder.layers.PreNormLayer}
 * first, the usual transformer block. {@link org.reft4j.model.decoder.layers.Projection} is every linear layer,
 * {@link org.reft4j.model.decoder.layers.Parameter} every weight.
 */
@NullMarked
package org.reft4j.model.decoder.layers;

import org.jspecify.annotations.NullMarked;
