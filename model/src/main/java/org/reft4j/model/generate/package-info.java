/** Sampling from a model. Start at {@link org.reft4j.model.generate.Sampler}. */
@NullMarked
package org.reft4j.model.generate;

import org.jspecify.annotations.NullMarked;
