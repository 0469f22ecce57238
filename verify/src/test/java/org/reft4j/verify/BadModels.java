package org.reft4j.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Model folders and files that cannot be used, each a damaged copy of one that can. */
final class BadModels {
    private static final String EVALUATE = "evaluate --model bad --data wordproblems:test=4 --cot n --limit 2";
    private static final String WEIGHTS = "model.safetensors";
    private static final int GGUF_MAGIC = 0x46554747;
    private static final int GGUF_VERSION = 3;

    private BadModels() {}

    static List<BadCase> folders() {
        return List.of(
                BadCase.of("no such model", folder -> {}, EVALUATE, "bad"),
                BadCase.of(
                        "empty folder",
                        folder -> Files.createDirectory(folder.resolve("bad")),
                        EVALUATE,
                        "bad",
                        "config.json"),
                damaged("no tokenizer", bad -> Files.delete(bad.resolve("tokenizer.json")), "bad", "tokenizer.json"),
                damaged("no weights", bad -> Files.delete(bad.resolve(WEIGHTS)), "bad", "safetensors"),
                damaged(
                        "config that is no JSON",
                        bad -> Files.writeString(bad.resolve("config.json"), "{\"architectures\": ["),
                        "config.json"),
                damaged(
                        "unknown architecture",
                        bad -> replace(bad.resolve("config.json"), "LlamaForCausalLM", "OddForCausalLM"),
                        "OddForCausalLM",
                        "LlamaForCausalLM"),
                damaged(
                        "weights of another width",
                        bad -> replace(bad.resolve("config.json"), "\"hidden_size\" : 32", "\"hidden_size\" : 64"),
                        "embed_tokens",
                        "32",
                        "64"),
                damaged("shard that is missing", BadModels::missingShard, "model-00002-of-00002.safetensors"),
                damaged(
                        "GGUF beside shards without their index",
                        BadModels::ggufForShards,
                        "model.safetensors.index.json",
                        "model-00002-of-00003.safetensors, model-00003-of-00003.safetensors"),
                damaged(
                        "pickle only",
                        bad -> {
                            Files.delete(bad.resolve(WEIGHTS));
                            Files.writeString(bad.resolve("pytorch_model.bin"), "x");
                        },
                        "pytorch_model.bin",
                        "safetensors"));
    }

    /** Tokenizer files that crash the native library, and JSON that is nested too deeply. */
    static List<BadCase> tokenizers() {
        return List.of(
                damaged(
                        "tokenizer with a damaged map of characters",
                        tokenizer("normalizer", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}"),
                        "tokenizer.json",
                        "charsmap"),
                damaged(
                        "tokenizer with a pattern of exponential time",
                        tokenizer(
                                "pre_tokenizer",
                                "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+$\"}, \"behavior\": \"Isolated\", \"invert\": false}"),
                        "tokenizer.json",
                        "retry-limit"),
                damaged(
                        "tokenizer of lists within lists",
                        tokenizer("normalizer", "[".repeat(100_000) + "]".repeat(100_000)),
                        "tokenizer.json",
                        "JSON"),
                damaged(
                        "configuration of lists within lists",
                        bad -> Files.writeString(
                                bad.resolve("config.json"),
                                "{\"a\": " + "[".repeat(100_000) + "]".repeat(100_000) + "}"),
                        "config.json",
                        "JSON"));
    }

    /** Puts another rule in the place of one. */
    private static BadCase.Preparation tokenizer(String rule, String value) {
        return bad -> {
            Path file = bad.resolve("tokenizer.json");
            ObjectNode json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
            json.remove(rule);
            String old = json.toString();
            Files.writeString(file, "{\"" + rule + "\": " + value + ", " + old.substring(old.indexOf('{') + 1));
        };
    }

    private static void ggufForShards(Path bad) throws IOException {
        gguf(0, 64).in(bad);
        Files.write(bad.resolve("model-00001-of-00003.safetensors"), new byte[16]);
    }

    static List<BadCase> weightFiles() {
        return List.of(
                damaged("empty safetensors", bad -> Files.write(bad.resolve(WEIGHTS), new byte[0]), WEIGHTS),
                damaged("safetensors cut short", bad -> cut(bad.resolve(WEIGHTS), 3000), WEIGHTS),
                damaged(
                        "safetensors cut in its header",
                        bad -> Files.write(bad.resolve(WEIGHTS), java.util.Arrays.copyOf(bytes(bad), 300)),
                        WEIGHTS,
                        "header"),
                damaged(
                        "huge header length",
                        bad -> {
                            byte[] bytes = bytes(bad);
                            ByteBuffer.wrap(bytes)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .putLong(0, Long.MAX_VALUE - 7);
                            Files.write(bad.resolve(WEIGHTS), bytes);
                        },
                        WEIGHTS,
                        "header"),
                damaged(
                        "offsets outside the file",
                        safetensors("\"a\": {\"dtype\": \"F32\", \"shape\": [4], \"data_offsets\": [0, 16]},"
                                + " \"b\": {\"dtype\": \"F32\", \"shape\": [400], \"data_offsets\": [16, 1616]}"),
                        WEIGHTS,
                        "b"),
                damaged(
                        "overlapping offsets",
                        safetensors("\"a\": {\"dtype\": \"F32\", \"shape\": [4], \"data_offsets\": [0, 16]},"
                                + " \"b\": {\"dtype\": \"F32\", \"shape\": [4], \"data_offsets\": [8, 24]}"),
                        WEIGHTS),
                damaged(
                        "length that is not the shape's",
                        safetensors("\"a\": {\"dtype\": \"F32\", \"shape\": [5], \"data_offsets\": [0, 16]}"),
                        WEIGHTS,
                        "a"),
                damaged(
                        "weights that are no numbers",
                        bad -> {
                            byte[] bytes = bytes(bad);
                            ByteBuffer.wrap(bytes)
                                    .order(ByteOrder.LITTLE_ENDIAN)
                                    .putFloat(bytes.length - 40, Float.NaN);
                            Files.write(bad.resolve(WEIGHTS), bytes);
                        },
                        WEIGHTS,
                        "no numbers (NaN",
                        "model."),
                damaged("GGUF of an unknown type", gguf(99, 64), "bad.gguf", "99"),
                damaged("GGUF cut short", gguf(0, 10), "bad.gguf"),
                damaged(
                        "GGUF that is none",
                        bad -> {
                            Files.delete(bad.resolve(WEIGHTS));
                            Files.writeString(bad.resolve("bad.gguf"), "GIF89a, not a model at all");
                        },
                        "bad.gguf"));
    }

    /** A copy of the good model in {@code bad}, damaged. */
    private static BadCase damaged(String name, BadCase.Preparation damage, String... expected) {
        return BadCase.of(
                name,
                folder -> {
                    Path bad = Files.createDirectory(folder.resolve("bad"));
                    try (Stream<Path> files = Files.list(folder.resolve("model"))) {
                        for (Path file : files.filter(Files::isRegularFile).toList()) {
                            Files.copy(file, bad.resolve(file.getFileName()));
                        }
                    }
                    damage.in(bad);
                },
                EVALUATE,
                expected);
    }

    private static byte[] bytes(Path model) throws IOException {
        return Files.readAllBytes(model.resolve(WEIGHTS));
    }

    private static void cut(Path file, int bytes) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(whole, whole.length - bytes));
    }

    private static void replace(Path file, String old, String other) throws IOException {
        String text = Files.readString(file);
        if (!text.contains(old)) {
            throw new IllegalStateException(file + " has no " + old + ": " + text);
        }
        Files.writeString(file, text.replace(old, other));
    }

    private static void missingShard(Path bad) throws IOException {
        Files.move(bad.resolve(WEIGHTS), bad.resolve("model-00001-of-00002.safetensors"));
        Files.writeString(
                bad.resolve("model.safetensors.index.json"),
                "{\"metadata\": {}, \"weight_map\": {\"model.embed_tokens.weight\": \"model-00001-of-00002.safetensors\","
                        + " \"model.norm.weight\": \"model-00002-of-00002.safetensors\"}}");
    }

    /** A file of 32 bytes of values with the given header. */
    private static BadCase.Preparation safetensors(String entries) {
        return bad -> {
            byte[] header = ("{" + entries + "}").getBytes(UTF_8);
            ByteBuffer file = ByteBuffer.allocate(8 + header.length + 32).order(ByteOrder.LITTLE_ENDIAN);
            file.putLong(header.length).put(header);
            Files.write(bad.resolve(WEIGHTS), file.array());
        };
    }

    /** One tensor of 16 values of type {@code type}, of which {@code present} bytes are there. */
    private static BadCase.Preparation gguf(int type, int present) {
        return bad -> {
            Files.delete(bad.resolve(WEIGHTS));
            byte[] name = "token_embd.weight".getBytes(UTF_8);
            ByteBuffer file = ByteBuffer.allocate(96 + present).order(ByteOrder.LITTLE_ENDIAN);
            file.putInt(GGUF_MAGIC).putInt(GGUF_VERSION).putLong(1).putLong(0);
            file.putLong(name.length).put(name);
            file.putInt(1).putLong(16).putInt(type).putLong(0);
            Files.write(bad.resolve("bad.gguf"), file.array());
        };
    }
}
