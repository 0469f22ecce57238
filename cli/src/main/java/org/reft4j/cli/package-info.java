/**
 * The {@code reft} command: one class for each verb. Start at {@link org.reft4j.cli.Main}. Figures go to standard output, everything
 * that a person watches goes to standard error.
 */
@NullMarked
package org.reft4j.cli;

import org.jspecify.annotations.NullMarked;
