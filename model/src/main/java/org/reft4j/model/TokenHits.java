package org.reft4j.model;

import java.util.BitSet;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.tensor.Tensors;

/**
 * Tokens that a model found likelier than all others, told while their log-probabilities are computed: the logits are there then, and are not
 * kept. The token accuracy is their share.
 */
public final class TokenHits {
    private final BitSet hits = new BitSet();
    private int tokens;

    /**
     * Adds tokens, in the order in which they are scored.
     *
     * @param logits [n, V]
     * @param targets int64 [n]
     */
    void add(Tensor logits, Tensor targets) {
        long[] likeliest = Tensors.toLongs(torch.argmax(logits.detach(), new LongOptional(1), false));
        long[] wanted = Tensors.toLongs(targets);
        for (int i = 0; i < wanted.length; i++) {
            hits.set(tokens++, likeliest[i] == wanted[i]);
        }
    }

    /** The number of tokens that were scored. */
    public int tokens() {
        return tokens;
    }

    /** The number of hits among the first tokens. */
    public int among(int first) {
        return hits.get(0, first).cardinality();
    }

    /** Forgets all of them. */
    public void clear() {
        hits.clear();
        tokens = 0;
    }
}
