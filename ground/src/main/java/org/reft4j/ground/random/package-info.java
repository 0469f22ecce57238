/** Random numbers as functions of a seed and of what they are for. Begin with {@link org.reft4j.ground.random.Seeds}. */
@NullMarked
package org.reft4j.ground.random;

import org.jspecify.annotations.NullMarked;
