package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.reft4j.tensor.DType;

/**
 * Token embedding, with learned positions where the model has them.
 *
 * @param table [V, E]
 * @param scale factor of the tokens' vectors
 * @param positions added to them, or {@code null}: then attention alone knows of positions
 */
public record Embedding(
        Parameter table, double scale, @Nullable LearnedPositions positions) {

    public static Embedding plain(Parameter table) {
        return new Embedding(table, 1, null);
    }

    /**
     * Forward pass: the residual stream that enters the first layer.
     *
     * @param tokens int64 [B, T]
     * @return float32 [B*T, E]
     */
    public Tensor forward(Tensor tokens, LayerInput input) {
        long rows = tokens.numel();
        Tensor x = torch.embedding(table.current(), tokens.reshape(rows)).to(DType.F32.scalarType());
        if (scale != 1) {
            x = x.mul(new Scalar(scale));
        }
        if (positions == null) {
            return x;
        }
        long width = x.size(1);
        return x.view(tokens.size(0), tokens.size(1), width)
                .add(positions.at(input.positions()).to(DType.F32.scalarType()))
                .view(rows, width);
    }
}
