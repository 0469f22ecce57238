/** Tinker's API of training: sessions, learners, losses over given tokens, samplers and checkpoints. */
@NullMarked
package org.reft4j.server.tinker;

import org.jspecify.annotations.NullMarked;
