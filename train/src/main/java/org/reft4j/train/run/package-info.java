/**
 * A run and its folder: events, metrics, rollouts, checkpoints, report. Start at {@link org.reft4j.train.run.Run}, the only thing that a
 * recipe sees of it.
 *
 * <p>{@link org.reft4j.train.run.RunFolder} is the run that writes; {@link org.reft4j.train.run.RunReader} reads its folder, also while it
 * is written; {@link org.reft4j.train.run.Report} makes a web page of what was read. Whatever instant a run is killed at, opening its folder
 * again leaves exactly what belongs to the newest checkpoint.
 */
@NullMarked
package org.reft4j.train.run;

import org.jspecify.annotations.NullMarked;
