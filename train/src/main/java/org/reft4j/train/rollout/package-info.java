/**
 * From questions to graded completions to experience. Start at {@link org.reft4j.train.rollout.Asker}, which turns questions into
 * {@link org.reft4j.train.rollout.Rollout}s; {@link org.reft4j.train.rollout.Experience} and
 * {@link org.reft4j.train.rollout.GroupExperience} are the figures that training learns from, and
 * {@link org.reft4j.train.rollout.KeptRollout} is a rollout on disk.
 */
@NullMarked
package org.reft4j.train.rollout;

import org.jspecify.annotations.NullMarked;
