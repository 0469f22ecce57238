/** Everything that is kept: tables by Jdbi, files beside them. Open {@link org.reft4j.server.store.Database} first. */
@NullMarked
package org.reft4j.server.store;

import org.jspecify.annotations.NullMarked;
