/**
 * Exceptions of a run that a person must resolve. Start at {@link org.reft4j.train.ConfigException}. The recipes are in
 * {@link org.reft4j.train.algorithm}, a run's folder in {@link org.reft4j.train.run}.
 */
@NullMarked
package org.reft4j.train;

import org.jspecify.annotations.NullMarked;
