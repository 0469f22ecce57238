package org.reft4j.model.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.ChatTokenizers;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.GgufVocabulary;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Texts that several tokens end, in the layouts that models have which chat. */
class EndTokensTest {
    private static final int TEXT = ChatTokenizers.FIRST + 1;
    private static final int MESSAGE = ChatTokenizers.FIRST + 2;
    private static final int TURN = ChatTokenizers.FIRST + 3;
    private static final String CHAT = """
            [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]""";

    @TempDir
    private Path folder;

    private void write(List<String> special, String template, String generation, String config, String settings)
            throws IOException {
        ChatTokenizers.write(folder, special);
        Files.writeString(folder.resolve("chat_template.jinja"), template);
        Files.writeString(folder.resolve("generation_config.json"), generation);
        Files.writeString(folder.resolve("config.json"), config);
        Files.writeString(folder.resolve("tokenizer_config.json"), settings);
    }

    private void llama(String ends) throws IOException {
        write(
                List.of("<|begin_of_text|>", "<|end_of_text|>", "<|eom_id|>", "<|eot_id|>", "<|head|>"),
                ChatTokenizers.LLAMA,
                "{\"eos_token_id\": " + ends + "}",
                "{\"eos_token_id\": " + TEXT + "}",
                "{\"bos_token\": \"<|begin_of_text|>\", \"eos_token\": \"<|eot_id|>\"}");
    }

    private void gemma(String ends) throws IOException {
        write(
                List.of("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"),
                ChatTokenizers.GEMMA,
                "{\"eos_token_id\": " + ends + "}",
                "{}",
                "{\"bos_token\": \"<bos>\", \"eos_token\": \"<eos>\"}");
    }

    private Tokens turn(Tokenizer tokenizer) throws IOException {
        JsonNode messages = new ObjectMapper().readTree(CHAT);
        return ChatTemplate.of(tokenizer)
                .orElseThrow()
                .turns(messages, ChatOptions.prompt(), tokenizer)
                .getFirst()
                .completion();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1025, 1026, 1027]", "[1027, 1026, 1025]", "[1026, 1025]", "1025"})
    void llamaEndsATurnWithItsOwnToken(String ends) throws IOException {
        llama(ends);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            EndTokens all = ChatTemplate.ends(tokenizer);
            Set<Integer> expected = new TreeSet<>(Set.of(TEXT, TURN));
            if (ends.contains("1026")) {
                expected.add(MESSAGE);
            }
            assertEquals(expected, all.all());
            boolean listed = ends.contains("1027");
            int first = ends.startsWith("[1026") ? MESSAGE : TEXT;
            assertEquals(listed ? TURN : first, all.written(), "tokenizer_config names it, the ids hold it");
            Tokens turn = turn(tokenizer);
            assertEquals(tokenizer.encode("two").append(TURN), turn);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[1025, 1027]", "[1027, 1025]", "1025", "null"})
    void gemmaEndsATurnWithItsOwnToken(String ends) throws IOException {
        gemma(ends);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            EndTokens all = ChatTemplate.ends(tokenizer);
            assertEquals(Set.of(TEXT, TURN), all.all());
            assertEquals(TEXT, all.written(), "behind a plain text");
            ChatTemplate template = ChatTemplate.of(tokenizer).orElseThrow();
            assertEquals(OptionalInt.of(TURN), template.turnEnd(tokenizer));
            assertEquals(tokenizer.encode("two").append(TURN), turn(tokenizer), "without the line end behind it");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "{% for m in messages %}{{ m.content }}{% endfor %}; -1",
                "{% for m in messages %}{{ m.content }}</s>{% endfor %}; -1",
                "{{ raise_exception('never') }}; -1",
                "{% for m in messages; -1",
                "{% for m in messages %}{{ m.content }}<|eom_id|> <|eot_id|>{% endfor %}; 1026",
            })
    void whatATemplateWritesBehindATurnIsOneSpecialTokenOrNothing(String template, int end) throws IOException {
        llama("1025");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
        Files.writeString(folder.resolve("chat_template.jinja"), template);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            Set<Integer> expected = end < 0 ? Set.of(TEXT) : Set.of(TEXT, end);
            assertEquals(expected, ChatTemplate.ends(tokenizer).all());
        }
    }

    @Test
    void aSecondEndBehindTheTurnIsNotLearned() throws IOException {
        llama("1025");
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{% for m in messages %}<|head|>{{ m.role }}\n{{ m.content }}<|eot_id|>\n{% endfor %}"
                        + "{{ '<|head|>assistant\n' if add_generation_prompt else '<|end_of_text|>' }}");
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            assertEquals(tokenizer.encode("two").append(TURN), turn(tokenizer));
        }
    }

    @Test
    void savedFoldersNameThemAll() throws IOException {
        llama("[1027, 1025, 1026]");
        Path saved = folder.resolve("saved");
        ModelConfig config = new ModelConfig(
                (com.fasterxml.jackson.databind.node.ObjectNode)
                        new ObjectMapper().readTree("{\"eos_token_id\": 1025}"),
                "x");
        Torch.start();
        try (var _ = NativeScope.open();
                Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            ModelFolder.save(saved, config, Map.of("w", Tensors.zeros(Place.HOST, DType.F32, 2)), tokenizer, DType.F32);
        }
        JsonNode generation = new ObjectMapper()
                .readTree(saved.resolve("generation_config.json").toFile());
        List<Integer> named = new ArrayList<>();
        generation.path("eos_token_id").forEach(id -> named.add(id.asInt()));
        assertEquals(List.of(TURN, TEXT, MESSAGE), named);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(saved)) {
            assertEquals(new EndTokens(TURN, Set.of(TEXT, MESSAGE, TURN)), tokenizer.ends());
        }
    }

    @Test
    void ggufFilesSayTheEndsOfTurnsAndMessages() throws IOException {
        GgufVocabulary vocabulary = new GgufVocabulary(
                "x.gguf",
                "gpt2",
                "",
                List.of("a", "b", "<eos>", "<eot>", "<eom>"),
                List.of(1L, 1L, 3L, 3L, 3L),
                List.of(),
                List.of(),
                Map.of("eos_token", 2, "eot_token", 3, "eom_token", 4),
                false,
                null,
                false);
        Path saved = folder.resolve("saved");
        try (Tokenizer tokenizer = Tokenizers.of(vocabulary)) {
            assertEquals(new EndTokens(2, Set.of(2, 3, 4)), tokenizer.ends());
            tokenizer.save(saved);
        }
        Files.writeString(saved.resolve("generation_config.json"), "{\"eos_token_id\": [2, 3, 4]}");
        assertEquals(
                Map.of("eos_token", 2, "eot_token", 3, "eom_token", 4),
                Tokenizers.vocabulary(saved).special());
    }

    /** The layout of the model as published, but for a first end of text that its turns do not have. */
    @ParameterizedTest
    @ValueSource(strings = {"[0, 2]", "[2, 0]", "0"})
    void aModelThatChatsStopsWhereItsTurnEnds(String ends) throws IOException {
        Path model = SharedFiles.find("models/smollm2-135m-instruct");
        for (String name : List.of("config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja")) {
            Files.copy(model.resolve(name), folder.resolve(name));
        }
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": " + ends + "}");
        Torch.start();
        StoredModel stored = StoredModel.open(model);
        JsonNode question = new ObjectMapper()
                .readTree("[{\"role\": \"user\", \"content\": \"What is 2+3? Answer with one number.\"}]");
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder);
                Decoder decoder = stored.build(DType.F32, Place.HOST)) {
            Tokens prompt =
                    tokenizer.encode(ChatTemplate.of(tokenizer).orElseThrow().render(question, ChatOptions.prompt()));
            Completion completion = new Sampler(decoder, ChatTemplate.ends(tokenizer), 1)
                    .sample(
                            List.of(new Sampler.Draw(prompt, 1)),
                            SamplingConfig.greedy(1000).withMaxTokens(60))
                    .getFirst();
            assertEquals(StopReason.END_OF_TEXT, completion.stop());
            assertTrue(completion.tokens().size() < 20, completion.toString());
            assertEquals(2, completion.tokens().get(completion.tokens().size() - 1));
        }
    }
}
