/**
 * A run and its folder: events, metrics, rollouts, checkpoints, report. Start at {@link org.reft4j.train.run.Run}, the only thing that a
 * recipe sees of it.
 */
@NullMarked
package org.reft4j.train.run;

import org.jspecify.annotations.NullMarked;
