@NullMarked
package org.reft4j.server.worker;

import org.jspecify.annotations.NullMarked;
