package org.reft4j.model.folder;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.gguf.GgufStorage;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.TinyTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.Progress;
import org.reft4j.model.weights.Safetensors;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.ShardedSafetensors;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Files that were changed at random where it hurts: every one is read as something, or refused in words that name it, at once. A
 * fault shows as another exception, a crash or a long wait. {@code -Dtests.seed} draws others.
 */
class HostileFilesTest {
    private static final long SEED = Long.getLong("tests.seed", 20_261_124L);
    /** {@code -Dtests.seconds} gives each format more. */
    private static final Duration EACH_FORMAT = Duration.ofSeconds(Long.getLong("tests.seconds", 3));
    /** Time limit of one damaged file, on a busy machine. */
    private static final Duration EACH_FILE = Duration.ofSeconds(20);

    private static final long[] NUMBERS = {
        0,
        1,
        2,
        7,
        8,
        31,
        32,
        255,
        1 << 16,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        1L << 40,
        Long.MAX_VALUE - 7,
        Long.MAX_VALUE,
        -1,
        -8
    };

    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "null",
        "-1",
        "1e999",
        "9223372036854775807",
        "99999999999999999999",
        "\\u0000",
        "\"a\":1,",
        "[[[[[[",
        "{\"x\":",
        "\"BPE\"",
        "true",
        "\u0120",
        "0",
        "16777217",
        "../x.safetensors"
    };

    @TempDir
    private Path folder;

    private final SplittableRandom random = new SplittableRandom(SEED);

    /** Reads a file whole. */
    private interface Reading {
        void of(Path file) throws IOException;
    }

    @Test
    void safetensors() throws IOException {
        Path good = folder.resolve("good.safetensors");
        try (var _ = NativeScope.open()) {
            Safetensors.write(
                    good,
                    Map.of(
                            "a",
                            Tensors.zeros(Place.HOST, DType.F32, 2, 3),
                            "b",
                            Tensors.zeros(Place.HOST, DType.F32, 5)),
                    DType.BF16,
                    Map.of("format", "pt"));
        }
        attack("safetensors", Files.readAllBytes(good), "x.safetensors", HostileFilesTest::takeAll);
    }

    private static void takeAll(Path file) {
        try (SafetensorsFile weights = SafetensorsFile.open(file)) {
            take(weights);
        }
    }

    private static void take(StoredWeights weights) {
        for (String name : weights.names()) {
            try (var _ = NativeScope.open()) {
                var _ = weights.take(name, DType.F32, weights.shape(name));
            }
        }
    }

    @Test
    void indexOfShards() throws IOException {
        Path shard = folder.resolve("model-00001-of-00001.safetensors");
        try (var _ = NativeScope.open()) {
            Safetensors.write(shard, Map.of("a", Tensors.zeros(Place.HOST, DType.F32, 2, 3)), DType.F32, Map.of());
        }
        byte[] index = ("{\"metadata\": {\"total_size\": 24}, \"weight_map\": {\"a\": \"" + shard.getFileName()
                        + "\"}}")
                .getBytes(UTF_8);
        attack("index", index, ShardedSafetensors.INDEX, file -> {
            try (ShardedSafetensors weights = ShardedSafetensors.open(file)) {
                take(weights);
            }
        });
    }

    @Test
    void gguf() throws IOException {
        Path good = folder.resolve("good.gguf");
        ModelFolder model = ModelFolder.open(tiny());
        ModelConversion.toGguf(model, good, GgufStorage.Q8_0, Progress.NONE);
        attack("GGUF", Files.readAllBytes(good), "x.gguf", file -> {
            ModelFolder opened = ModelFolder.open(file);
            try (StoredWeights weights = opened.weights()) {
                take(weights);
            }
            Optional<GgufVocabulary> vocabulary = opened.vocabulary();
            if (vocabulary.isPresent()) {
                use(Tokenizers.of(vocabulary.get()));
            }
        });
    }

    @Test
    void tokenizers() throws IOException {
        byte[] good = Files.readAllBytes(tiny().resolve("tokenizer.json"));
        attack("tokenizer.json", good, "tokenizer.json", file -> {
            use(HuggingFaceTokenizer.open(folder));
            var _ = Tokenizers.vocabulary(folder);
        });
    }

    @Test
    void configurations() throws IOException {
        Path tiny = tiny();
        byte[] good = Files.readAllBytes(tiny.resolve("config.json"));
        Path damaged = Files.createDirectory(folder.resolve("damaged"));
        for (String name : new String[] {"tokenizer.json", "model.safetensors"}) {
            Files.copy(tiny.resolve(name), damaged.resolve(name));
        }
        attack("config.json", good, "damaged/config.json", file -> {
            ModelFolder model = ModelFolder.open(damaged);
            use(model.tokenizer());
            Path out = folder.resolve("out.gguf");
            ModelConversion.toGguf(model, out, GgufStorage.F16, Progress.NONE);
        });
    }

    private static void use(Tokenizer opened) {
        try (Tokenizer tokenizer = opened) {
            var _ = tokenizer.decode(tokenizer.encode("ab a<end>\u00e9 \ud83d\ude00"));
        }
    }

    /** Damages a file again and again while there is time, and reads each. */
    private void attack(String what, byte[] good, String name, Reading reading) throws IOException {
        Path file = folder.resolve(name);
        Files.write(file, good);
        reading.of(file);
        int refused = 0;
        int tries = 0;
        long end = System.nanoTime() + EACH_FORMAT.toNanos();
        while (System.nanoTime() < end) {
            byte[] bytes = damaged(good);
            Files.write(file, bytes);
            long start = System.nanoTime();
            try {
                reading.of(file);
            } catch (FormatException | TokenizerException e) {
                refused++;
                String message = String.valueOf(e.getMessage());
                assertTrue(message.length() > 20 && message.length() < 5000, message);
            } catch (RuntimeException | Error e) {
                Path kept = Files.write(Files.createTempFile("hostile-", "-" + file.getFileName()), bytes);
                throw new AssertionError(what + ", try " + tries + " of seed " + SEED + ", kept as " + kept, e);
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertTrue(took.compareTo(EACH_FILE) < 0, what + ", try " + tries + " of seed " + SEED + ": " + took);
            tries++;
        }
        System.out.println(what + ": " + tries + " damaged files, " + refused + " refused (seed " + SEED + ")");
        assertTrue(refused > tries / 10, what + ": the damage is too gentle");
    }

    private byte[] damaged(byte[] good) {
        byte[] bytes = good.clone();
        int times = 1 + random.nextInt(3);
        for (int i = 0; i < times; i++) {
            int at = random.nextInt(Math.max(1, bytes.length));
            switch (random.nextInt(6)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> flip(bytes, at);
                case 2 -> number(bytes, at / 4 * 4, Long.BYTES);
                case 3 -> number(bytes, at, Integer.BYTES);
                case 4 -> bytes = insert(bytes, at, PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8));
                default -> bytes = without(bytes, at, 1 + random.nextInt(16));
            }
        }
        return bytes;
    }

    private void flip(byte[] bytes, int at) {
        if (at < bytes.length) {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
        }
    }

    private void number(byte[] bytes, int at, int size) {
        if (at + size <= bytes.length) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            long value = NUMBERS[random.nextInt(NUMBERS.length)];
            if (size == Long.BYTES) {
                buffer.putLong(at, value);
            } else {
                buffer.putInt(at, (int) value);
            }
        }
    }

    private static byte[] insert(byte[] bytes, int at, byte[] piece) {
        byte[] longer = new byte[bytes.length + piece.length];
        int place = Math.min(at, bytes.length);
        System.arraycopy(bytes, 0, longer, 0, place);
        System.arraycopy(piece, 0, longer, place, piece.length);
        System.arraycopy(bytes, place, longer, place + piece.length, bytes.length - place);
        return longer;
    }

    private static byte[] without(byte[] bytes, int at, int count) {
        int end = Math.min(bytes.length, at + count);
        byte[] shorter = new byte[bytes.length - Math.max(0, end - at)];
        System.arraycopy(bytes, 0, shorter, 0, Math.min(at, bytes.length));
        System.arraycopy(bytes, end, shorter, Math.min(at, bytes.length), bytes.length - end);
        return shorter;
    }

    @Test
    void mergesThatTheNativeLibraryWouldDieOfAreRefused() throws IOException {
        Path tiny = tiny();
        String json = Files.readString(tiny.resolve("tokenizer.json"));
        String prefix = json.replace("\"continuing_subword_prefix\": \"\"", "\"continuing_subword_prefix\": \"#####\"");
        refusedTokenizer(
                tiny, prefix.replace("\"merges\": []", "\"merges\": [[\"a\", \"b\"]]"), "continuing_subword_prefix");
        refusedTokenizer(tiny, prefix.replace("\"merges\": []", "\"merges\": [\"a b\"]"), "continuing_subword_prefix");
        refusedTokenizer(tiny, json.replace("\"merges\": []", "\"merges\": [[\"a\", \"q\"]]"), "tokenizer.json");
        refusedTokenizer(tiny, json.replace("\"b\": 4", "\"b\": 2000000000"), "id 2000000000");
        // A merge that makes what it is made of: cycles cannot arise, since every merge is longer than its parts.
        refusedTokenizer(
                tiny,
                json.replace("\"merges\": []", "\"merges\": [[\"a\", \"b\"], [\"ab\", \"a\"]]"),
                "tokenizer.json");
    }

    private static void refusedTokenizer(Path model, String json, String part) throws IOException {
        Files.writeString(model.resolve("tokenizer.json"), json);
        TokenizerException failure =
                assertThrows(TokenizerException.class, () -> use(HuggingFaceTokenizer.open(model)));
        String message = String.valueOf(failure.getMessage());
        assertTrue(message.contains(part) && message.contains("tokenizer.json"), message);
    }

    /** A Llama of one layer and six tokens. */
    private Path tiny() throws IOException {
        Path model = Files.createTempDirectory(folder, "tiny");
        try (var _ = NativeScope.open();
                Tokenizer tokenizer = TinyTokenizer.open()) {
            tokenizer.save(model);
            var weights = new LinkedHashMap<String, Tensor>();
            weights.put("model.embed_tokens.weight", Tensors.zeros(Place.HOST, DType.F32, 6, 32));
            weights.put("model.norm.weight", Tensors.zeros(Place.HOST, DType.F32, 32));
            String layer = "model.layers.0.";
            for (String norm : new String[] {"input_layernorm", "post_attention_layernorm"}) {
                weights.put(layer + norm + ".weight", Tensors.zeros(Place.HOST, DType.F32, 32));
            }
            for (String matrix : new String[] {
                "self_attn.q_proj",
                "self_attn.k_proj",
                "self_attn.v_proj",
                "self_attn.o_proj",
                "mlp.gate_proj",
                "mlp.up_proj",
                "mlp.down_proj"
            }) {
                weights.put(layer + matrix + ".weight", Tensors.zeros(Place.HOST, DType.F32, 32, 32));
            }
            Safetensors.write(model.resolve("model.safetensors"), weights, DType.F32, Map.of());
        }
        Files.writeString(model.resolve("config.json"), """
                {"architectures": ["LlamaForCausalLM"], "hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
                 "num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 6, "max_position_embeddings": 64,
                 "tie_word_embeddings": true, "rope_theta": 10000.0, "eos_token_id": 0, "hidden_act": "silu",
                 "rope_scaling": {"rope_type": "linear", "factor": 2.0}}
                """);
        return model;
    }
}
