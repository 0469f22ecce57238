/**
 * Exceptions of a run that a person must resolve. The recipes are in {@link org.reft4j.train.algorithm}, a run's folder in
 * {@link org.reft4j.train.run}.
 */
@NullMarked
package org.reft4j.train;

import org.jspecify.annotations.NullMarked;
