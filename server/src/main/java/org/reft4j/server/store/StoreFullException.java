package org.reft4j.server.store;

import java.io.IOException;

/** There is no room for a file: its project's quota or the disk would be full. */
public final class StoreFullException extends IOException {
    private static final long serialVersionUID = 1L;

    StoreFullException(String message) {
        super(message);
    }
}
