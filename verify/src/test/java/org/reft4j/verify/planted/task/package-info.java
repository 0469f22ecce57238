/** Breaks rules of architecture, on purpose. */
@NullMarked
package org.reft4j.verify.planted.task;

import org.jspecify.annotations.NullMarked;
