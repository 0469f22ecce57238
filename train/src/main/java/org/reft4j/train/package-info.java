/**
 * <<<<<<< HEAD
 * Exceptions of a run that a person must resolve. The recipes are in {@link org.reft4j.train.algorithm}, a run's folder
 * in
 * {@link org.reft4j.train.run}.
 * =======
 * Exceptions of runs, for reasons that a person must mend. Start at {@link org.reft4j.train.ConfigException}. The recipes are in
 * {@link org.reft4j.train.algorithm}, a run's folder in {@link org.reft4j.train.run}.
 * >>>>>>> packages
 */
@NullMarked
package org.reft4j.train;

import org.jspecify.annotations.NullMarked;
