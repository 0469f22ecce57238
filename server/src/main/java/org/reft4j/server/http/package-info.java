/** From a request to a reply: routes, keys, limits, errors. Open {@link org.reft4j.server.http.Call} first. */
@NullMarked
package org.reft4j.server.http;

import org.jspecify.annotations.NullMarked;
