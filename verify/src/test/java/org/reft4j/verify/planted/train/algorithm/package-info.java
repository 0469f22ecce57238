/** Breaks rules of architecture, on purpose. */
@NullMarked
package org.reft4j.verify.planted.train.algorithm;

import org.jspecify.annotations.NullMarked;
