/**
 * Experiments from a file: recipes by seeds, compared with a baseline. Begin with {@link org.reft4j.experiment.grid.Grid}: a file
 * ({@code GridFile}) becomes a plan that is checked as a whole ({@code GridPlan}), is run ({@code GridRun}) and becomes tables and pictures
 * ({@code GridResults}, {@code GridReport}).
 */
@NullMarked
package org.reft4j.experiment.grid;

import org.jspecify.annotations.NullMarked;
