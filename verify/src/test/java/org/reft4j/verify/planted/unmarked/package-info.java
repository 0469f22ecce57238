/** Lacks {@code @NullMarked}, on purpose. */
package org.reft4j.verify.planted.unmarked;
