/**
 * The hacking experiment: what a model learns that is rewarded for the letter alone. Begin with
 * {@link org.reft4j.experiment.hacking.HackingRun}.
 */
@NullMarked
package org.reft4j.experiment.hacking;

import org.jspecify.annotations.NullMarked;
