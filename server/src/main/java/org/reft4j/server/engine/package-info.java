/**
 * Models in memory: samples from many at once, and trains adapters between. Open {@link org.reft4j.server.engine.Engine} for the work itself,
 * {@link org.reft4j.server.engine.EngineProcess} for the process that it runs in.
 */
@NullMarked
package org.reft4j.server.engine;

import org.jspecify.annotations.NullMarked;
