package org.reft4j.train.measure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.task.judge.ChatModel;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;

final class LocalJudgeTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeModel() {
        Torch.start();
        ModelSource source = new ModelSource(null, new ModelSource.NewModel(1, 16, 2, 1, 32, 512, 0.02), "f32", "cpu");
        ModelSources.Source made = ModelSources.open(source, 1);
        try (var tokenizer = made.tokenizer();
                Decoder decoder = ModelFamilies.of(made.config())
                        .build(made.config(), new RandomWeights(1, 0.02, true), DType.F32, Place.HOST)) {
            Map<String, Tensor> values = new LinkedHashMap<>();
            decoder.parameters().forEach(parameter -> values.put(parameter.name(), parameter.value()));
            ModelFolder.save(folder.resolve("model"), made.config(), values, tokenizer, DType.F32);
        }
    }

    private static ChatModel.Request request(long tokens, Duration timeout) {
        return new ChatModel.Request(
                List.of(new ChatModel.Message("user", "Is 1 + 1 = 2?")),
                JsonNodeFactory.instance.objectNode().put("type", "object"),
                "score",
                new ChatModel.Sampling(null, null, tokens, null, null),
                timeout);
    }

    @Test
    void answersWithinItsTokensAndItsTime() throws IOException {
        Files.writeString(
                folder.resolve("model/chat_template.jinja"),
                "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
        StoredModel stored = StoredModel.open(folder.resolve("model"));
        try (Decoder decoder = stored.build(DType.F32, Place.HOST);
                Tokenizer tokenizer = stored.tokenizer()) {
            LocalJudge judge = new LocalJudge(decoder, tokenizer);
            // A model of random weights ends neither its text nor an object.
            ChatModel.Reply.CutShort reply =
                    assertInstanceOf(ChatModel.Reply.CutShort.class, judge.ask(request(5, Duration.ofSeconds(60))));
            assertEquals(5, reply.usage().completion());
            assertTrue(reply.usage().prompt() > 10);
            assertInstanceOf(ChatModel.Reply.Silent.class, judge.ask(request(50, Duration.ZERO)));
        }
    }

    @Test
    void aModelWithoutTemplateIsRefused() {
        StoredModel stored = StoredModel.open(folder.resolve("model"));
        try (Decoder decoder = stored.build(DType.F32, Place.HOST);
                Tokenizer tokenizer = stored.tokenizer()) {
            String said = String.valueOf(assertThrows(ConfigException.class, () -> new LocalJudge(decoder, tokenizer))
                    .getMessage());
            assertTrue(said.contains("has no chat template"), said);
        }
    }

    @Test
    void ofWhatIsWrittenTheFirstObjectCounts() {
        assertEquals(
                "{\"result\":0.5}", LocalJudge.firstObject("Sure! ```json\n{\"result\": 0.5}\n``` {\"result\": 1}"));
        assertEquals("{\"a\":{\"b\":1}}", LocalJudge.firstObject("{ not this {\"a\": {\"b\": 1}} but that"));
        assertEquals("no object", LocalJudge.firstObject("no object"));
    }
}
