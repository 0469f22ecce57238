/**
 * Judging completions. Start at {@link org.reft4j.task.grade.Grader}; a {@link org.reft4j.task.grade.Grade} says what was seen and
 * {@link org.reft4j.task.grade.RewardRule} what it is paid.
 *
 * <p>Programs run in child processes ({@link org.reft4j.task.grade.ProgramRunner}); nothing here knows of models or tensors.
 */
@NullMarked
package org.reft4j.task.grade;

import org.jspecify.annotations.NullMarked;
