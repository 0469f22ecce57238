/**
 * Questions, their answers, the datasets that they make, and the templates that word them. Start at
 * {@link org.reft4j.task.dataset.Question}; nothing here knows of files, models or tensors.
 */
@NullMarked
package org.reft4j.task.dataset;

import org.jspecify.annotations.NullMarked;
