/**
 * Settings of a run: a record for each algorithm and for each part. Start at {@link org.reft4j.train.settings.RecipeConfig}, which has what
 * all algorithms share. Records check themselves; how files are read into them is in {@code train.config}.
 */
@NullMarked
package org.reft4j.train.settings;

import org.jspecify.annotations.NullMarked;
