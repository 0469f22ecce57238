@NullMarked
package org.reft4j.server.page;

import org.jspecify.annotations.NullMarked;
