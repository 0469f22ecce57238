/**
 * Runs that belong together: each in a folder of its own, with what their models answered to questions held out. Begin with
 * {@link org.reft4j.experiment.Phases}, which trains and measures one run after another and takes what is complete already as it is;
 * grids, the quickstart and the hacking experiment stand on it.
 */
@NullMarked
package org.reft4j.experiment;

import org.jspecify.annotations.NullMarked;
