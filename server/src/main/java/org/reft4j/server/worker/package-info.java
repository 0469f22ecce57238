/**
 * Jobs at work: a process for each, which {@link org.reft4j.server.worker.Supervisor} starts and watches. Open
 * {@link org.reft4j.server.worker.WorkerMain} for what such a process does.
 */
@NullMarked
package org.reft4j.server.worker;

import org.jspecify.annotations.NullMarked;
