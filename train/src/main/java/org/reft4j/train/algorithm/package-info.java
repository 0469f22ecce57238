/**
 * The algorithms, one file each, and the table of them, {@link org.reft4j.train.algorithm.Recipes}: a new one is one file and one
 * line there. Start at {@link org.reft4j.train.algorithm.ReftRecipe}. A file holds what its paper says: what is asked, what is
 * learned from, the loss; what all have in common stands in {@code train.learn}. An algorithm knows nothing of who watches it: it
 * tells its {@link org.reft4j.train.run.Run}.
 */
@NullMarked
package org.reft4j.train.algorithm;

import org.jspecify.annotations.NullMarked;
