/**
 * Answers of mathematics: reading them out of texts, and deciding whether two are the same. Start at
 * {@link org.reft4j.task.math.MathEquality} and {@link org.reft4j.task.math.FinalAnswer}.
 *
 * <p>All texts may be hostile: sizes, depth and the length of exact numbers are bounded, and nothing here throws for a text.
 */
@NullMarked
package org.reft4j.task.math;

import org.jspecify.annotations.NullMarked;
