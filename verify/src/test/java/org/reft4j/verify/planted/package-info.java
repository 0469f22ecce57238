/**
 * A small tree laid out like the project that breaks each architecture rule once; {@link org.reft4j.verify.ArchitectureTest} expects a
 * report of each.
 */
@NullMarked
package org.reft4j.verify.planted;

import org.jspecify.annotations.NullMarked;
