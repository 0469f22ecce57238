/**
 * Settings of a run: what all recipes share, and a record for each section. Start at {@link org.reft4j.train.settings.RunSettings}; {@link
 * org.reft4j.train.settings.RecipeConfig} is what is asked of a recipe's own record, which stands beside its algorithm.
 * Records check themselves; how files are read into them is in {@code train.config}.
 */
@NullMarked
package org.reft4j.train.settings;

import org.jspecify.annotations.NullMarked;
