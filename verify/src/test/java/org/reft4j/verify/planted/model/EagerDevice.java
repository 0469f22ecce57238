package org.reft4j.verify.planted.model;

import org.bytedeco.pytorch.cuda.MemPool;
import org.jspecify.annotations.Nullable;

/** Names a class of CUDA's. */
final class EagerDevice {
    private EagerDevice() {}

    static boolean isFree(@Nullable MemPool pool) {
        return pool == null || pool.isNull();
    }
}
