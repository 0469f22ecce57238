@NullMarked
package org.reft4j.server.http;

import org.jspecify.annotations.NullMarked;
