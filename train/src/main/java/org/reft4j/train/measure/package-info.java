/**
 * Measurements of models: greedy accuracy, votes, rankings by a reward model, each with intervals and paired comparisons. Start at
 * {@link org.reft4j.train.measure.Evaluation}.
 */
@NullMarked
package org.reft4j.train.measure;

import org.jspecify.annotations.NullMarked;
