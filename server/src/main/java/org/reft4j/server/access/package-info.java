/** Keys, and whose they are. */
@NullMarked
package org.reft4j.server.access;

import org.jspecify.annotations.NullMarked;
