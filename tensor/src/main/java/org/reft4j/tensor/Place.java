package org.reft4j.tensor;

import org.bytedeco.pytorch.Tensor;

/**
 * Place of a model's tensors: the device that holds them, and the number types in which it computes there. Everything that a model meets
 * is made at its place; nothing is made at a place of which nobody spoke.
 *
 * @param device as libtorch spells it: {@code cpu}, {@code cuda:0}
 * @param products type of matrix products
 * @param attention type of attention and of the key/value cache
 */
public record Place(String device, DType products, DType attention) {
    private static final String CPU = "cpu";

    /** The processor's memory, with products in float32: for what is read, written and looked at. */
    public static final Place HOST = host(DType.F32);

    /** The processor, whose attention has no faster kernel than that of float32. */
    public static Place host(DType products) {
        return new Place(CPU, products, DType.F32);
    }

    /** A device by its name. Off the processor, attention follows the products: fast kernels take 16-bit numbers only. */
    public static Place on(String device, DType products) {
        return device.equals(CPU) ? host(products) : new Place(device, products, products);
    }

    /** The place of a tensor, for float32 figures that meet it. */
    public static Place of(Tensor tensor) {
        if (tensor.is_cpu()) {
            return HOST;
        }
        try (var _ = NativeScope.open()) {
            return on(tensor.device().str().getString(), DType.F32);
        }
    }

    /** True for the processor. */
    public boolean isHost() {
        return device.equals(CPU);
    }

    /** Bytes of memory for tensors, in use or not. */
    public long memoryBytes() {
        return Cuda.is(device) ? Cuda.memory(device).total() : Cpu.memoryBytes();
    }

    /** Bytes of memory that tensors could still get without taking from anybody. */
    public long availableBytes() {
        return Cuda.is(device) ? Cuda.memory(device).free() : Cpu.availableBytes();
    }

    /** Name for people: {@code this machine}, or the device. */
    public String words() {
        return isHost() ? "this machine" : device;
    }
}
