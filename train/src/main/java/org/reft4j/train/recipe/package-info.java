/**
 * One file per algorithm, read from top to bottom. Start at {@link org.reft4j.train.recipe.ReftRecipe};
 * {@link org.reft4j.train.recipe.Recipes} is the table. A recipe knows nothing of who watches it: it emits events to its
 * {@link org.reft4j.train.run.Run}.
 */
@NullMarked
package org.reft4j.train.recipe;

import org.jspecify.annotations.NullMarked;
