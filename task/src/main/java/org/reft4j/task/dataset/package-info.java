/**
 * Questions, their answers and where they come from. Start at {@link org.reft4j.task.dataset.Question}.
 *
 * <p>{@link org.reft4j.task.dataset.Datasets} is the visible table of what can be read; nothing here knows of models or
 * tensors.
 */
@NullMarked
package org.reft4j.task.dataset;

import org.jspecify.annotations.NullMarked;
