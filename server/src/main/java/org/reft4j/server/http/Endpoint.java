package org.reft4j.server.http;

import java.io.IOException;

/** The method behind an operation of the API. It may block: each request has a thread of its own. */
@FunctionalInterface
public interface Endpoint {
    /** @throws ApiError to refuse */
    Reply handle(Call call) throws IOException;
}
