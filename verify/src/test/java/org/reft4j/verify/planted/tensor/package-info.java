/** Breaks rules of architecture, on purpose. */
@NullMarked
package org.reft4j.verify.planted.tensor;

import org.jspecify.annotations.NullMarked;
