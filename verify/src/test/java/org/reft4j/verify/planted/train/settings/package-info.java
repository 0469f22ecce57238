/** Breaks rules of architecture, on purpose. */
@NullMarked
package org.reft4j.verify.planted.train.settings;

import org.jspecify.annotations.NullMarked;
