@NullMarked
package org.reft4j.server.store;

import org.jspecify.annotations.NullMarked;
