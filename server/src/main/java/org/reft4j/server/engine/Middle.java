package org.reft4j.server.engine;

import java.util.List;
import java.util.Optional;
import org.reft4j.model.tokenizer.Tokenizer;

/**
 * The tokens between which a model writes a text in the middle: those of models of code, in the order beginning, end, middle (Bavarian et al.
 * 2022, arXiv:2207.14255).
 */
record Middle(String before, String after, String middle) {
    private static final List<Middle> KNOWN = List.of(
            new Middle("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
            new Middle("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
            new Middle("<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
            new Middle("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"));

    /** Those of a model; empty if it has none. */
    static Optional<Middle> of(Tokenizer tokenizer) {
        return KNOWN.stream()
                .filter(each -> List.of(each.before, each.after, each.middle).stream()
                        .allMatch(mark -> tokenizer.encode(mark).size() == 1))
                .findFirst();
    }

    String prompt(String beginning, String end) {
        return before + beginning + after + end + middle;
    }
}
