package org.reft4j.verify.planted.cli;

import org.bytedeco.pytorch.Tensor;

/** A command that holds native memory. */
final class NativeCommand {
    long count(Tensor tensor) {
        return tensor.numel();
    }
}
