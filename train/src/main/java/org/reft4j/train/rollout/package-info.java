/** From questions to graded completions to experience. Start at {@link org.reft4j.train.rollout.Rollout}. */
@NullMarked
package org.reft4j.train.rollout;

import org.jspecify.annotations.NullMarked;
