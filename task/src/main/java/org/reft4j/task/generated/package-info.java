/**
 * Datasets that are made up by seed: arithmetic stories, countdown, lookup and extraction. Start at
 * {@link org.reft4j.task.generated.GeneratedSets}, the table of them; {@link org.reft4j.task.generated.Countdown} is the example.
 */
@NullMarked
package org.reft4j.task.generated;

import org.jspecify.annotations.NullMarked;
