/**
 * Language models as training and the commands use them. Open {@link org.reft4j.model.StoredModel} first: it loads a model from disk.
 * {@link org.reft4j.model.PolicyModel} puts a value head on a decoder, {@link org.reft4j.model.SequenceClassifier} a classifier.
 *
 * <p>The packages below: {@code folder} reads and writes models on disk, with {@code weights} and {@code gguf} for their files,
 * {@code tokenizer} has text, {@code chat} chat templates, {@code decoder} holds the network,
 * {@code generate} samples from it, {@code hub} downloads models.
 */
@NullMarked
package org.reft4j.model;

import org.jspecify.annotations.NullMarked;
