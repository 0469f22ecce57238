@NullMarked
package org.reft4j.server;

import org.jspecify.annotations.NullMarked;
