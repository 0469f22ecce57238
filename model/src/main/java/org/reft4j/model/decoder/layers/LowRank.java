package org.reft4j.model.decoder.layers;

/**
 * A trained difference of low rank beside a frozen linear layer (LoRA, Hu et al. 2021, arXiv:2106.09685): the layer gives
 * {@code W x + scale B A x}. Owns its two matrices' parameters through the adapter that it belongs to.
 *
 * @param module name of the layer in the checkpoint
 * @param a float32 [rank, inputs]
 * @param b float32 [outputs, rank]
 * @param scale alpha over rank, or over its square root (rsLoRA, Kalajdzievski 2023, arXiv:2312.03732)
 */
public record LowRank(String module, Parameter a, Parameter b, double scale) {
    int rank() {
        return Math.toIntExact(a.value().size(0));
    }
}
