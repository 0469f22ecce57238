/**
 * The quickstart: a warm-up, supervised and reinforced fine-tuning of a small new model. Begin with
 * {@link org.reft4j.experiment.quickstart.QuickstartRun}.
 */
@NullMarked
package org.reft4j.experiment.quickstart;

import org.jspecify.annotations.NullMarked;
