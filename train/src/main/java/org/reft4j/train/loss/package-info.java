/** The mathematics, once: advantages, whitening, PPO and GRPO losses. Start at {@link org.reft4j.train.loss.PpoLoss}. */
@NullMarked
package org.reft4j.train.loss;

import org.jspecify.annotations.NullMarked;
