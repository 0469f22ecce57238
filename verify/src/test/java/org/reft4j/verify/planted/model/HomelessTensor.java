package org.reft4j.verify.planted.model;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Makes a tensor where nobody said. */
final class HomelessTensor {
    private HomelessTensor() {}

    static Tensor mask(long size) {
        return torch.zeros(size, size);
    }
}
