/**
 * Foundation of the training algorithms. Start at {@link org.reft4j.train.learn.Learner}, a model under training: forward, forward and
 * backward, a step of the optimiser. {@link org.reft4j.train.learn.Trainer} opens the models of a run and gives its steps; a
 * {@link org.reft4j.train.learn.Step} reports figures, evaluates and writes checkpoints. {@link org.reft4j.train.learn.Sampling} is the
 * first half of a step that trains on the policy's own completions.
 */
@NullMarked
package org.reft4j.train.learn;

import org.jspecify.annotations.NullMarked;
