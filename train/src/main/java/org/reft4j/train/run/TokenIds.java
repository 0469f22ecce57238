package org.reft4j.train.run;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Column {@code token_ids} of {@code rollouts.sqlite}: ids in decimal, a comma between two. Files of earlier versions lack it. */
final class TokenIds {
    private TokenIds() {}

    static @Nullable String encode(@Nullable List<Integer> ids) {
        return ids == null ? null : ids.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    /** {@code null} where they were not kept. */
    static @Nullable List<Integer> decode(@Nullable String column) {
        return column == null
                ? null
                : Arrays.stream(column.split(",", -1))
                        .filter(id -> !id.isEmpty())
                        .map(Integer::valueOf)
                        .toList();
    }
}
