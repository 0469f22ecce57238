package org.reft4j.tensor;

import java.util.List;
import java.util.Locale;

/** Memory for tensors that ran out. libtorch has no exception of its own for it, so that its allocators' words have to do. */
public final class OutOfMemory {
    private static final List<String> WORDS =
            List.of("defaultcpuallocator", "can't allocate memory", "not enough memory", "out of memory");

    private OutOfMemory() {}

    /** Whether an exception says that an allocator of libtorch had no memory. */
    public static boolean caused(Throwable failure) {
        String message = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return WORDS.stream().anyMatch(message::contains);
    }
}
