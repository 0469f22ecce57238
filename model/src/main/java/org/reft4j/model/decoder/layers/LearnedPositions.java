package org.reft4j.model.decoder.layers;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Learned position embedding: a vector for each absolute position, added to the token's.
 *
 * @param table [offset + limit, E]
 * @param offset rows before the one of position 0
 * @param limit positions are below this
 */
public record LearnedPositions(Parameter table, int offset, int limit) {

    /** Vectors of the positions: [T, E] where all rows share them, else [B, T, E]. */
    Tensor at(Positions positions) {
        if (positions.end() > limit) {
            throw new IllegalArgumentException("position " + (positions.end() - 1) + " is beyond the model's " + limit);
        }
        Tensor rows = positions.rows();
        return rows == null
                ? table.current().narrow(0, (long) offset + positions.first(), positions.tokens())
                : torch.embedding(table.current().narrow(0, offset, limit), rows);
    }
}
