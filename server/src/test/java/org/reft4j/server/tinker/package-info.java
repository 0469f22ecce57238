@NullMarked
package org.reft4j.server.tinker;

import org.jspecify.annotations.NullMarked;
