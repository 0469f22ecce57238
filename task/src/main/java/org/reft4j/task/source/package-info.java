/**
 * Readers of datasets: files in every format of rows that is known, and the choice between them and generated data. Start at
 * {@link org.reft4j.task.source.Datasets}, which opens what a configuration names and holds the table of formats.
 */
@NullMarked
package org.reft4j.task.source;

import org.jspecify.annotations.NullMarked;
