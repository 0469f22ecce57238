/**
 * Clients of models that answer over HTTP, for graders that ask one. Start at {@link org.reft4j.task.judge.ChatModel}; {@link
 * org.reft4j.task.judge.JsonService} is the one place that sends requests, with limits, retries and patience.
 */
@NullMarked
package org.reft4j.task.judge;

import org.jspecify.annotations.NullMarked;
