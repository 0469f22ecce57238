package org.reft4j.model.decoder;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What one pass through the layers needs besides the weights. Belongs to the scope that it was made in.
 *
 * @param batch rows
 * @param tokens columns
 * @param seen for each sight that layers have
 * @param cache what came before, or {@code null}: then the rows begin here
 * @param recording whether gradients are recorded: nothing may be written over then
 */
record Pass(
        long batch,
        int tokens,
        Map<Sight, Sight.Seen> seen,
        @Nullable KvCache cache,
        boolean recording) {

    static Pass of(
            long batch,
            int tokens,
            List<Sight> sights,
            Function<Sight, Sight.Seen> sees,
            @Nullable KvCache cache,
            boolean recording) {
        Map<Sight, Sight.Seen> seen = new HashMap<>();
        sights.forEach(sight -> seen.computeIfAbsent(sight, sees));
        return new Pass(batch, tokens, seen, cache, recording);
    }

    Sight.Seen seen(Sight sight) {
        return Objects.requireNonNull(seen.get(sight), "a layer's sight is not among the decoder's");
    }

    /** The same pass, with or without a record of gradients. */
    Pass recorded(boolean now) {
        return new Pass(batch, tokens, seen, cache, now);
    }

    /** The stream with something added; written over it where that harms nobody. */
    Tensor sum(Tensor stream, Tensor addend) {
        return recording ? stream.add(addend) : stream.add_(addend);
    }
}
