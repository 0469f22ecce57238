package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Tensor;

/** Pre-norm block: attention, then feed-forward, each after a norm and added to the residual stream: {@code x + part(norm(x))}. */
public record PreNormLayer(Norm attentionNorm, Attention attention, Norm feedForwardNorm, FeedForward feedForward)
        implements Layer {
    @Override
    public Tensor forward(Tensor x, LayerInput input) {
        Tensor middle = input.add(x, attention.forward(attentionNorm.forward(x), input));
        return input.add(middle, feedForward.forward(feedForwardNorm.forward(middle), input));
    }
}
