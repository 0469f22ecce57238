/**
 * The public interface of reft4j: training runs, started and stopped, and the models that they leave. Begin with
 * {@link org.reft4j.train.job.Job}; docs/java.md shows a whole program.
 */
@NullMarked
package org.reft4j.train.job;

import org.jspecify.annotations.NullMarked;
