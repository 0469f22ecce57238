/** Benchmarks for developers, not part of the distribution. Start at {@link org.reft4j.bench.EngineBench}. */
@NullMarked
package org.reft4j.bench;

import org.jspecify.annotations.NullMarked;
