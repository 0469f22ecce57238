package org.reft4j.model.decoder;

import org.bytedeco.pytorch.Tensor;

/** Attention, then feed-forward, each behind a norm and added to the stream: {@code x + part(norm(x))}. */
record PreNormLayer(Norm attentionNorm, Attention attention, Norm feedForwardNorm, FeedForward feedForward)
        implements Layer {
    @Override
    public Tensor of(Tensor x, Pass pass) {
        Tensor middle = pass.sum(x, attention.of(attentionNorm.of(x), pass));
        return pass.sum(middle, feedForward.of(feedForwardNorm.of(middle), pass));
    }
}
