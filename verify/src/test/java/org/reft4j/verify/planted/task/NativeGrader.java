package org.reft4j.verify.planted.task;

import org.bytedeco.pytorch.Tensor;

/** Needs libtorch to grade. */
final class NativeGrader {
    boolean grade(Tensor tensor) {
        return tensor.isNull();
    }
}
