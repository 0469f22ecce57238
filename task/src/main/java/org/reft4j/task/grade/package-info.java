/**
 * Judging completions. Start at {@link org.reft4j.task.grade.Grader}; a {@link org.reft4j.task.grade.Grade} says what was seen and
 * {@link org.reft4j.task.grade.RewardRule} its reward.
 *
 * <p>The graders themselves lie in {@code task.graders}; programs run in child processes ({@link org.reft4j.sandbox.ProgramRunner}); nothing here knows of models
 */
@NullMarked
package org.reft4j.task.grade;

import org.jspecify.annotations.NullMarked;
