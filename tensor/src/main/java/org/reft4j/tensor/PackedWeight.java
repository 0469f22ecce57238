package org.reft4j.tensor;

import org.bytedeco.pytorch.Argument;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.GradMode;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A matrix laid out once in the blocks that oneDNN multiplies in. A BLAS library lays it out anew for every product, which is most of the
 * work where the other factor has few rows, as in decoding. Costs the memory of a copy; computes no gradient. Owns the copy.
 *
 * <p>The two operators are libtorch's own (aten/src/ATen/native/mkldnn/{Linear,MKLDNNConversions}.cpp), which have no function in its C++
 * interface and are therefore called by name.
 */
public final class PackedWeight implements AutoCloseable {
    /** The list of numbers that an activation would take. */
    private static final int SCALARS = 4;

    private final Tensor packed;

    private PackedWeight(Tensor packed) {
        this.packed = packed;
    }

    /** Arguments that are the same in every call; loaded when they are first needed. */
    private static final class Operators {
        static final OperatorHandle REORDER = operator("mkldnn::_reorder_linear_weight");
        static final OperatorHandle LINEAR = operator("mkldnn::_linear_pointwise");
        static final IValue NO_BIAS = NativeScope.own(new IValue());
        static final IValue NO_ACTIVATION = NativeScope.own(new IValue("none"));
        static final IValue NO_ALGORITHM = NativeScope.own(new IValue(""));
        static final IValue NO_SCALARS = NativeScope.own(new IValue(new GenericList(LINEAR.schema()
                .arguments()
                .getPointer(Argument.class, SCALARS)
                .type()
                .get()
                .containedTypes()
                .get(0))));

        private Operators() {}

        private static OperatorHandle operator(String name) {
            return NativeScope.own(Dispatcher.singleton().findSchemaOrThrow(name, ""));
        }
    }

    /** True if this processor has such blocks; elsewhere oneDNN is slower than BLAS, or not there. */
    public static boolean available() {
        String architecture = System.getProperty("os.arch", "");
        return (architecture.equals("amd64") || architecture.equals("x86_64")) && torch.hasMKLDNN();
    }

    /**
     * Lays out a copy.
     *
     * @param weight float32 or bfloat16, [outputs, inputs]
     * @param rows expected batch size, a tuning hint; any value is correct
     */
    public static PackedWeight of(Tensor weight, long rows) {
        try (var _ = NativeScope.open();
                IValueVector stack = new IValueVector()) {
            stack.push_back(new IValue(weight.contiguous()));
            stack.push_back(new IValue(rows));
            Operators.REORDER.callBoxed(stack);
            return new PackedWeight(NativeScope.own(new Tensor(stack.get(0).toTensor())));
        }
    }

    /**
     * The product with the weight's transpose.
     *
     * @param input of the weight's type, [..., inputs]
     * @return of the same type, [..., outputs]
     * @throws IllegalStateException while gradients are recorded
     */
    public Tensor multiply(Tensor input) {
        if (GradMode.is_enabled()) {
            throw new IllegalStateException("a packed weight has no gradient");
        }
        try (IValueVector stack = new IValueVector();
                IValue first = new IValue(input);
                IValue second = new IValue(packed)) {
            stack.push_back(first);
            stack.push_back(second);
            stack.push_back(Operators.NO_BIAS);
            stack.push_back(Operators.NO_ACTIVATION);
            stack.push_back(Operators.NO_SCALARS);
            stack.push_back(Operators.NO_ALGORITHM);
            Operators.LINEAR.callBoxed(stack);
            // Closing the stack frees its allocations.
            return new Tensor(stack.get(0).toTensor());
        }
    }

    @Override
    public void close() {
        packed.close();
    }
}
