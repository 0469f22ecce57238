/**
 * Files and folders that are there as a whole or not at all, JSON, locks. Begin with {@link org.reft4j.ground.files.DurableFiles}.
 */
@NullMarked
package org.reft4j.ground.files;

import org.jspecify.annotations.NullMarked;
