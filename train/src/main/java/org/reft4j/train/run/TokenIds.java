package org.reft4j.train.run;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.tokenizer.Tokens;

/** Column {@code token_ids} of {@code rollouts.sqlite}: ids in decimal, a comma between two. Files of earlier versions lack it. */
final class TokenIds {
    private TokenIds() {}

    static @Nullable String encode(@Nullable Tokens ids) {
        return ids == null
                ? null
                : Arrays.stream(ids.toArray()).mapToObj(String::valueOf).collect(Collectors.joining(","));
    }

    /** {@code null} where they were not kept. */
    static @Nullable Tokens decode(@Nullable String column) {
        return column == null
                ? null
                : Tokens.of(Arrays.stream(column.split(",", -1))
                        .filter(id -> !id.isEmpty())
                        .mapToInt(Integer::parseInt)
                        .toArray());
    }
}
