/**
 * A run before it is started: steps, memory and time, worked out from its settings, and first settings for data and a model that are
 * given. Begin with {@link org.reft4j.train.plan.TrainingPlan}.
 */
@NullMarked
package org.reft4j.train.plan;

import org.jspecify.annotations.NullMarked;
