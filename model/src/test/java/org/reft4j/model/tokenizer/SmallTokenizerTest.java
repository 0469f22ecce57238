package org.reft4j.model.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

class SmallTokenizerTest {
    @Test
    void tokenizerOfNewModelsComesWithTheJar() {
        boolean present = Tokenizers.class.getResource("small/tokenizer.json") != null;
        if (!present) {
            System.out.println("skipped: no small tokenizer in this build");
        }
        assumeTrue(present, "no small tokenizer in this build");
        try (Tokenizer tokenizer = Tokenizers.small()) {
            assertEquals(0, tokenizer.padding().orElseThrow());
            assertEquals(1, tokenizer.endOfText().orElseThrow());
            assertEquals("<|pad|>", tokenizer.piece(0));
            assertEquals("<|endoftext|>", tokenizer.piece(1));
            String text = "Question:\nAnn has 12 apples.\nAnswer reasoning:\n    result = 12 - 3\n";
            assertEquals(text, tokenizer.decode(tokenizer.encode(text)));
        }
    }
}
