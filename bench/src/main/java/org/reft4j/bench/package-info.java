/** Measurements that are shipped to nobody. Start at {@link org.reft4j.bench.EngineBench}. */
@NullMarked
package org.reft4j.bench;

import org.jspecify.annotations.NullMarked;
