/**
 * Tests of the whole program: the rules of its architecture, golden values, bad input, being killed, leaks and training trajectories.
 *
 * <p>Most start the program as its users do, as a process of its own: see {@link org.reft4j.verify.Reft}. Start at
 * {@link org.reft4j.verify.ArchitectureTest} for what the modules may and may not do.
 */
@NullMarked
package org.reft4j.verify;

import org.jspecify.annotations.NullMarked;
