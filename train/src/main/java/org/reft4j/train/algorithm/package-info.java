/**
 * The algorithms, one file each, and the table of them, {@link org.reft4j.train.algorithm.Recipes}: a new one is one file and one line
 * there. Start at {@link org.reft4j.train.algorithm.ReftRecipe}. A file holds what is special about its paper: the choice of questions and
 * training data, and the loss; shared parts are in {@code train.learn}. An algorithm reports to its {@link org.reft4j.train.run.Run} and
 * does not know who listens.
 */
@NullMarked
package org.reft4j.train.algorithm;

import org.jspecify.annotations.NullMarked;
