/**
 * What can go wrong in a run for reasons that a person must mend. The recipes are in {@link org.reft4j.train.algorithm}, a run's folder in
 * {@link org.reft4j.train.run}.
 */
@NullMarked
package org.reft4j.train;

import org.jspecify.annotations.NullMarked;
