package org.reft4j.model.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.SafetensorsFileTest;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;

public class GgufFileTest {
    private static final int U32 = 4;
    private static final int F32_TENSOR = 0;

    @TempDir
    private Path folder;

    @Test
    void queryRowsGoBackToHalvesFirst() throws IOException {
        // Two heads of width 4: the file's rows (pair, half) become (half, pair).
        GgufBytes gguf = llama();
        gguf.tensor("blk.0.attn_q.weight", F32_TENSOR, 1, 8).tensor("blk.0.attn_q.bias", F32_TENSOR, 8);
        gguf.tensor("blk.0.attn_v.weight", F32_TENSOR, 1, 8);
        for (int tensor = 0; tensor < 3; tensor++) {
            gguf.floats(0, 1, 2, 3, 4, 5, 6, 7);
        }
        try (var _ = NativeScope.open();
                GgufFile file = GgufFile.open(gguf.write(folder))) {
            float[] expected = {0, 2, 1, 3, 4, 6, 5, 7};
            String layer = "model.layers.0.self_attn.";
            assertArrayEquals(expected, Tensors.toFloats(file.take(layer + "q_proj.weight", DType.F32, 8, 1)));
            assertArrayEquals(expected, Tensors.toFloats(file.take(layer + "q_proj.bias", DType.F32, 8)));
            assertArrayEquals(
                    new float[] {0, 1, 2, 3, 4, 5, 6, 7},
                    Tensors.toFloats(file.take(layer + "v_proj.weight", DType.F32, 8, 1)));
            assertEquals(DType.BF16, DType.of(file.take(layer + "v_proj.weight", DType.BF16, 8, 1)));
        }
    }

    @Test
    void scalingOfLlama3IsRecognisedFromItsFactors() throws IOException {
        GgufBytes gguf = llama().tensor("rope_freqs.weight", F32_TENSOR, 2).floats(1, 32);
        gguf.pair("llama.rope.freq_base", 6).f32(100_000_000);
        try (GgufFile file = GgufFile.open(gguf.write(folder))) {
            var rope = file.config().json().path("rope_parameters");
            assertEquals("llama3", rope.path("rope_type").asText());
            assertEquals(32, rope.path("factor").asDouble());
            assertEquals(8192, rope.path("original_max_position_embeddings").asInt());
        }
        GgufBytes other = llama().tensor("rope_freqs.weight", F32_TENSOR, 2).floats(1.5f, 32);
        try (GgufFile file = GgufFile.open(other.write(folder))) {
            FormatException failure = assertThrows(FormatException.class, file::config);
            SafetensorsFileTest.says(failure, "rope_freqs.weight", "entry 0 is 1.5", "config.json");
        }
    }

    @Test
    void otherArchitecturesAreRefusedByName() throws IOException {
        GgufBytes gguf = new GgufBytes();
        gguf.pair("general.architecture", 8).text("mamba");
        try (GgufFile file = GgufFile.open(gguf.write(folder))) {
            SafetensorsFileTest.says(
                    assertThrows(FormatException.class, file::config), file.source(), "\"mamba\"", "safetensors");
        }
    }

    @Test
    void missingAndMistypedMetadataIsNamed() throws IOException {
        GgufBytes gguf = new GgufBytes();
        gguf.pair("general.architecture", 8).text("llama");
        gguf.pair("llama.embedding_length", 8).text("eight");
        gguf.pair("llama.attention.head_count", U32).u32(2);
        try (GgufFile file = GgufFile.open(gguf.write(folder))) {
            SafetensorsFileTest.says(
                    assertThrows(FormatException.class, file::config),
                    "llama.embedding_length is of type Text; expected a whole number");
            SafetensorsFileTest.says(
                    assertThrows(FormatException.class, file::vocabulary),
                    file.source(),
                    "tokenizer.ggml.model is missing",
                    "tokenizer.json");
        }
        try (GgufFile file = GgufFile.open(new GgufBytes().write(folder))) {
            SafetensorsFileTest.says(
                    assertThrows(FormatException.class, () -> file.metadata().requireInt("x")),
                    "metadata x is missing");
        }
    }

    @Test
    void wrongKindsOfFileAreRefused() throws IOException {
        Path text = folder.resolve("text.gguf");
        Files.writeString(text, "hello, this is not a model");
        refused(text, "does not start with \"GGUF\"");
        refused(new GgufBytes(1).write(folder), "has version 1", "llama.cpp");
        refused(new GgufBytes(0x03000000).write(folder), "is big-endian");
        GgufBytes part = new GgufBytes();
        part.pair("split.count", 2).u16(3);
        refused(part.write(folder), "one part of a model split", "--merge");
    }

    @Test
    void hostileHeadsAreRefusedAtOnce() throws IOException {
        refused(new GgufBytes().counts(1L << 60, 0).write(folder), "number of tensors is 1152921504606846976");
        refused(new GgufBytes().counts(-1, 0).write(folder), "number of tensors is 18446744073709551615");
        refused(new GgufBytes().counts(0, 1L << 40).write(folder), "number of metadata pairs");

        refused(headOf("k", 8).u64(1L << 50).write(folder), "length of k");
        refused(headOf("k", 9).u32(0).u64(1L << 50).write(folder), "number of items of k");
        refused(headOf("k", 9).u32(99).u64(1).write(folder), "items of metadata k", "unknown type 99");
        refused(headOf("k", 77).u64(1).write(folder), "metadata k has the unknown type 77");
        GgufBytes nested = headOf("k", 9);
        for (int depth = 0; depth < 1000; depth++) {
            nested.u32(9).u64(1);
        }
        refused(nested.write(folder), "nests lists more than 4 deep");
        GgufBytes twice = headOf("k", U32).u32(1);
        twice.pair("k", U32).u32(1);
        refused(twice.write(folder), "metadata k occurs twice");
        GgufBytes alignment = headOf("general.alignment", U32).u32(48);
        refused(alignment.write(folder), "general.alignment is 48", "power of two");
    }

    @Test
    void hostileTensorsAreRefused() throws IOException {
        refused(
                new GgufBytes().tensor("w", 4711, 32).floats(new float[32]).write(folder),
                "tensor w",
                "type 4711",
                "Q4_K");
        refused(new GgufBytes().tensor("w", 2, 33).floats(new float[32]).write(folder), "rows of 33", "multiple of 32");
        refused(
                new GgufBytes().tensor("w", F32_TENSOR, 100).floats(1).write(folder),
                "tensor w takes 400 bytes",
                "cut short");
        refused(
                new GgufBytes()
                        .tensor("w", F32_TENSOR, 1 << 20, 1L << 31, 1L << 31)
                        .write(folder),
                "tensor w has the impossible shape");
        refused(new GgufBytes().tensor("w", F32_TENSOR, 1, 1, 1, 1, 1).write(folder), "has 5 dimensions");
        refused(
                new GgufBytes().tensorAt("w", F32_TENSOR, 4, 1).floats(1, 2, 3).write(folder),
                "tensor w starts at 4; expected a multiple of 32");
        refused(
                new GgufBytes()
                        .tensorAt("w", F32_TENSOR, 0, 16)
                        .tensorAt("v", F32_TENSOR, 32, 8)
                        .floats(new float[16])
                        .write(folder),
                "tensors w and v overlap");
        refused(
                new GgufBytes()
                        .tensorAt("w", F32_TENSOR, 0, 8)
                        .tensorAt("w", F32_TENSOR, 32, 8)
                        .floats(new float[16])
                        .write(folder),
                "tensor w occurs twice");
    }

    @Test
    void fileCutShortAnywhereIsRefused() throws IOException {
        GgufBytes gguf = llama().tensor("w", F32_TENSOR, 8).floats(new float[8]);
        Path file = gguf.write(folder);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            refused(file, file.toString(), "again");
        }
    }

    private static GgufBytes headOf(String key, int type) {
        GgufBytes gguf = new GgufBytes();
        gguf.pair(key, type);
        return gguf;
    }

    /** llama.cpp's defaults hold for a file that does not say whether texts begin with a token. */
    @ParameterizedTest
    @CsvSource({
        "llama, default, , true",
        "llama, default, false, false",
        "gpt2, llama-bpe, , true",
        "gpt2, llama-bpe, false, false",
        "gpt2, qwen2, , false",
        "gpt2, qwen2, true, true",
        "gpt2, , , false",
    })
    void textsBeginAsLlamaCppHasIt(String model, @Nullable String splitting, @Nullable Boolean flag, boolean begun)
            throws IOException {
        GgufBytes gguf = llama();
        gguf.pair("tokenizer.ggml.model", 8).text(model);
        if (splitting != null) {
            gguf.pair("tokenizer.ggml.pre", 8).text(splitting);
        }
        gguf.pair("tokenizer.ggml.tokens", 9).u32(8).u64(2).text("<s>").text("</s>");
        gguf.pair("tokenizer.ggml.bos_token_id", U32).u32(0);
        gguf.pair("tokenizer.ggml.eos_token_id", U32).u32(1);
        gguf.pair("tokenizer.ggml.eot_token_id", U32).u32(0);
        if (flag != null) {
            gguf.pair("tokenizer.ggml.add_bos_token", 7).flag(flag);
        }
        try (GgufFile file = GgufFile.open(gguf.write(folder))) {
            assertEquals(begun, file.vocabulary().beginningInFront());
            assertEquals("[1,0]", file.config().json().path("eos_token_id").toString());
            assertEquals(0, file.vocabulary().special().get("eot_token"));
        }
    }

    /** Two heads of width 4. */
    public static GgufBytes llama() {
        GgufBytes gguf = new GgufBytes();
        gguf.pair("general.architecture", 8).text("llama");
        gguf.pair("llama.embedding_length", U32).u32(8);
        gguf.pair("llama.feed_forward_length", U32).u32(16);
        gguf.pair("llama.context_length", U32).u32(64);
        gguf.pair("llama.block_count", U32).u32(1);
        gguf.pair("llama.attention.head_count", U32).u32(2);
        gguf.pair("llama.vocab_size", U32).u32(10);
        return gguf;
    }

    private static void refused(Path file, String... parts) {
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            FormatException failure = assertThrows(
                    FormatException.class, () -> GgufFile.open(file).close());
            SafetensorsFileTest.says(failure, parts);
            assertTrue(String.valueOf(failure.getMessage()).contains(file.toString()));
        });
    }
}
