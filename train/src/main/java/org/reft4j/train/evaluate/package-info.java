/** Value accuracy with intervals. Start at {@link org.reft4j.train.evaluate.Evaluation}. */
@NullMarked
package org.reft4j.train.evaluate;

import org.jspecify.annotations.NullMarked;
