/**
 * The graders, a file each, and the table of them, {@link org.reft4j.task.graders.Graders}: a new grader is one file and one line
 * there. {@link org.reft4j.task.graders.AnswerGrader} is the usual one and the one to read first; {@link
 * org.reft4j.task.graders.MultiGrader} combines others.
 */
@NullMarked
package org.reft4j.task.graders;

import org.jspecify.annotations.NullMarked;
