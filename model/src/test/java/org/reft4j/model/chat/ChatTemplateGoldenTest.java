package org.reft4j.model.chat;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.reft4j.model.gguf.GgufFile;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.template.TemplateException;

/** Real models' templates against what transformers' Jinja rendered, byte for byte, and the errors that templates raise. */
class ChatTemplateGoldenTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The clock of the reference. */
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-07-26T00:00:00Z"), ZoneOffset.UTC);

    private static final String SMOLLM2 = "models/smollm2-135m-instruct";

    @Test
    void renderingsAgree() throws IOException {
        JsonNode cases = cases();
        Map<String, ChatTemplate> templates = new HashMap<>();
        List<Executable> checks = new ArrayList<>();
        int errors = 0;
        for (JsonNode each : cases) {
            ChatTemplate template =
                    templates.computeIfAbsent(each.path("template").asText(), name -> template(name, each, ""));
            errors += each.has("error") ? 1 : 0;
            checks.add(() -> check(template, each));
        }
        System.out.println("golden chats: " + cases.size() + " renderings of " + templates.size() + " templates, "
                + errors + " of them errors");
        assertFalse(cases.isEmpty());
        assertAll(checks);
    }

    /** The same comparison, of templates with one more space at the end. */
    @Test
    void anotherCharacterIsNoticed() throws IOException {
        for (JsonNode each : cases()) {
            if (each.has("text")) {
                ChatTemplate changed = template(each.path("template").asText(), each, "{{ ' ' }}");
                assertThrows(AssertionError.class, () -> check(changed, each));
            }
        }
    }

    @Test
    void promptsOfSmolLm2Agree() throws IOException {
        try (Tokenizer folder = HuggingFaceTokenizer.open(SharedFiles.find(SMOLLM2))) {
            promptsAgree(folder);
        }
    }

    @Test
    void promptsOfTheGgufFileAloneAgree() throws IOException {
        Path file = SharedFiles.find(SMOLLM2).resolve("SmolLM2-135M-Instruct.Q4_1.gguf");
        try (GgufFile gguf = GgufFile.open(file);
                Tokenizer tokenizer = Tokenizers.of(gguf.vocabulary())) {
            promptsAgree(tokenizer);
        }
    }

    private static void promptsAgree(Tokenizer tokenizer) throws IOException {
        ChatTemplate template = ChatTemplate.of(tokenizer).orElseThrow();
        JsonNode chats = JSON.readTree(
                        SharedFiles.find("golden/smollm2/golden.json").toFile())
                .path("chat");
        assertFalse(chats.isEmpty());
        for (JsonNode chat : chats) {
            ChatOptions options = ChatOptions.prompt()
                    .withGenerationPrompt(chat.path("add_generation_prompt").asBoolean());
            assertEquals(chat.path("text").asText(), template.render(chat.path("messages"), options));
        }
        System.out.println("smollm2: " + chats.size() + " chat prompts agree");
    }

    private static JsonNode cases() throws IOException {
        return JSON.readTree(SharedFiles.find("golden/chat/chat.json").toFile());
    }

    private static ChatTemplate template(String name, JsonNode first, String end) {
        Path file = SharedFiles.find("golden/chat/templates").resolve(name + ".jinja");
        Map<String, String> special = new HashMap<>();
        first.properties().forEach(entry -> {
            if (entry.getKey().endsWith("_token")) {
                special.put(entry.getKey(), entry.getValue().asText());
            }
        });
        try {
            return ChatTemplate.of(name, Files.readString(file) + end, special);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void check(ChatTemplate template, JsonNode each) {
        String title = each.path("template").asText() + ", " + each.path("case").asText() + ", "
                + each.path("add_generation_prompt").asBoolean();
        ChatOptions options = ChatOptions.prompt()
                .withGenerationPrompt(each.path("add_generation_prompt").asBoolean())
                .withTools(each.path("tools").isArray() ? each.path("tools") : null)
                .withClock(CLOCK);
        if (each.has("error")) {
            String expected = each.path("error").asText();
            TemplateException refusal =
                    assertThrows(TemplateException.class, () -> template.render(each.path("messages"), options), title);
            assertEquals(expected.substring(expected.indexOf(": ") + 2), refusal.reason(), title);
            assertTrue(String.valueOf(refusal.getMessage()).contains(": chat template, line "), refusal.getMessage());
        } else {
            assertEquals(each.path("text").asText(), template.render(each.path("messages"), options), title);
        }
    }
}
