package org.reft4j.verify.planted.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Holds tensors and cannot be closed. */
final class ForgetfulCache {
    private final List<Tensor> tensors = new ArrayList<>();

    void add(Tensor tensor) {
        tensors.add(tensor);
    }
}
