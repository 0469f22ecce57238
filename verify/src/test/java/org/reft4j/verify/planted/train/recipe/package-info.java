/** Breaks rules of architecture, on purpose. */
@NullMarked
package org.reft4j.verify.planted.train.recipe;

import org.jspecify.annotations.NullMarked;
