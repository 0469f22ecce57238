/**
 * Sequences of related runs, each in a folder of its own, with their models' answers to held-out questions. Start at
 * {@link org.reft4j.experiment.Phases}, which trains and evaluates one run after another and skips what is already complete; grids, the
 * quickstart and the hacking experiment use it.
 */
@NullMarked
package org.reft4j.experiment;

import org.jspecify.annotations.NullMarked;
