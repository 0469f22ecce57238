/**
 * Random numbers as functions of a seed and of what they are for. Begin with {@link org.reft4j.ground.random.Seeds};
 * {@link org.reft4j.ground.random.Secrets} is for what nobody may guess.
 */
@NullMarked
package org.reft4j.ground.random;

import org.jspecify.annotations.NullMarked;
