/**
 * What algorithms stand on. Start at {@link org.reft4j.train.learn.Learner}, a model that learns: forward, forward and backward, a
 * step of the optimiser. {@link org.reft4j.train.learn.Trainer} opens the models of a run and gives its steps; a {@link
 * org.reft4j.train.learn.Step} tells figures, measures and keeps. {@link org.reft4j.train.learn.Sampling} is the first half of a step
 * whose policy writes what it learns from.
 */
@NullMarked
package org.reft4j.train.learn;

import org.jspecify.annotations.NullMarked;
