package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunReader;

/** Prompt form of a foreign model with a chat template and a beginning-of-text token, and of a model that was trained from it. */
final class PromptCommandsTest {
    private static final String CONFIG = """
            recipe: sft
            name: NAME
            model: MODEL
            data: {path: DATA, cot: n}
            batch: 2
            epochs: 1
            max-tokens: 120
            evaluate: {every: 0, max-total-tokens: 140}
            checkpoint-every: 2
            """;

    private static final String TEMPLATE =
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}<|endoftext|>\n{% endfor %}"
                    + "{% if add_generation_prompt %}<assistant>{% endif %}";

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private Path data = Path.of("");

    /** A model from elsewhere: a Hugging Face folder without a word of this project. */
    @BeforeEach
    void make() throws IOException {
        data = Files.createDirectories(folder.resolve("data"));
        for (String split : List.of("train", "validation", "test")) {
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                rows.append(Results.object()
                                .put("id", split + i)
                                .put("question", "What is " + i + " and " + split.length() + "?")
                                .put("answer", String.valueOf(i + split.length()))
                                .put("rationale", "They are " + i + split.length()))
                        .append('\n');
            }
            Files.writeString(data.resolve(split + ".jsonl"), rows);
        }
        train(
                "start",
                "{compute: f32, new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}}");
        model = folder.resolve("model");
        Cli.run("convert", last("start"), model).done();
        Files.deleteIfExists(model.resolve("reft-prompt.json"));
    }

    private void tuneToChat() throws IOException {
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    }

    /** The padding token serves as the beginning-of-text token. */
    private void begin() throws IOException {
        Path file = model.resolve("tokenizer_config.json");
        ObjectNode settings = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        settings.put("bos_token", "<|pad|>").put("add_bos_token", true);
        Files.writeString(file, settings.toString());
    }

    private Cli train(String name, String source, Object... more) throws IOException {
        Path config = Files.writeString(
                folder.resolve(name + ".yaml"),
                CONFIG.replace("NAME", name).replace("MODEL", source).replace("DATA", data.toString()));
        List<Object> words = new ArrayList<>(List.of("train", config, "--runs", folder.resolve("runs")));
        words.addAll(List.of(more));
        return Cli.run(words.toArray()).done();
    }

    private String source() {
        return "{compute: f32, path: " + model + "}";
    }

    private Path last(String run) {
        return RunReader.of(folder.resolve("runs").resolve(run))
                .latest()
                .orElseThrow()
                .folder();
    }

    private static JsonNode form(Path model) throws IOException {
        return new ObjectMapper().readTree(model.resolve("reft-prompt.json").toFile());
    }

    private JsonNode generated(Object... more) throws IOException {
        List<Object> words = new ArrayList<>(
                List.of("generate", "--model", model, "--temperature", "0", "--max-tokens", "3", "--json"));
        words.addAll(List.of(more));
        return Cli.run(words.toArray()).done().json();
    }

    private String evaluated(Path asked, Object... more) throws IOException {
        List<Object> words = new ArrayList<>(List.of(
                "evaluate",
                "--model",
                asked,
                "--data",
                data,
                "--cot",
                "n",
                "--max-total-tokens",
                "140",
                "--out",
                folder.resolve("out"),
                "--json"));
        words.addAll(List.of(more));
        return Cli.run(words.toArray()).done().json().path("prompt").asText();
    }

    @Test
    void aModelFromElsewhereIsAskedByItsChatTemplateUnlessToldOtherwise() throws IOException {
        assertEquals("prompt: the data's template; beginning of text: as the tokenizer has it", evaluated(model));
        tuneToChat();
        String chat = "prompt: the model's chat template; beginning of text: as the chat template writes it";
        assertEquals(chat, evaluated(model));
        assertEquals(
                "prompt: the data's template; beginning of text: as the tokenizer has it",
                evaluated(model, "--no-chat"));
        assertEquals(
                chat.replace("template;", "template with a system message;"), evaluated(model, "--system", "Think."));
        assertEquals(
                "prompt: a template of your own behind examples, ended by a stop text; beginning of text: not set",
                evaluated(
                        model,
                        "--prompt-template",
                        "Q {{ item.question }} A",
                        "--few-shot",
                        "1",
                        "--beginning",
                        "none"));
        assertEquals(
                "<user>Why?<|endoftext|>\n<assistant>",
                generated("--question", "Why?").path("prompt").asText());
        Cli nothing = Cli.run("evaluate", "--model", model, "--data", data, "--prompt-template", "Why?");
        assertEquals(2, nothing.status());
        assertTrue(nothing.err().contains("expected a text with {{ item.question }}"), nothing.err());
    }

    @Test
    void aTextBeginsAsTheTokenizerHasItAndOnce() throws IOException {
        int plain = generated("--prompt", "One day").path("prompt-tokens").asInt();
        begin();
        assertEquals(
                plain + 1,
                generated("--prompt", "One day").path("prompt-tokens").asInt());
        assertEquals(
                plain + 1,
                generated("--prompt", "<|pad|>One day").path("prompt-tokens").asInt());
        assertEquals(
                plain,
                generated("--prompt", "One day", "--beginning", "none")
                        .path("prompt-tokens")
                        .asInt());
        tuneToChat();
        JsonNode chat = generated("--prompt", "One day", "--chat", "--system", "Say.");
        assertEquals(
                "<system>Say.<|endoftext|>\n<user>One day<|endoftext|>\n<assistant>",
                chat.path("prompt").asText());
        assertEquals(
                chat.path("prompt-tokens").asInt() + 1,
                generated("--prompt", "One day", "--chat", "--system", "Say.", "--beginning", "always")
                        .path("prompt-tokens")
                        .asInt());
    }

    @Test
    void whoeverAsksATrainedModelAsksItAsItWasTrained() throws IOException {
        tuneToChat();
        begin();
        Cli run = train("chat", source());
        String chat = "prompt: the model's chat template; beginning of text: as the chat template writes it";
        assertTrue(run.err().contains(chat), run.err());
        assertTrue(form(last("chat")).path("chat").asBoolean());
        assertEquals("auto", form(last("chat")).path("beginning").asText());
        assertEquals(chat, evaluated(last("chat")));

        train("plain", source(), "--set", "prompt={chat: false, beginning: none}");
        String plain = "prompt: the data's template; beginning of text: not set";
        assertEquals(plain, evaluated(last("plain")));
        Path exported = folder.resolve("exported");
        Cli.run("convert", last("plain"), exported).done();
        assertEquals(plain, evaluated(exported));
        Cli.run("convert", last("plain"), folder.resolve("exported.gguf"), "--to", "gguf");
        // A run that starts from it keeps its form, although its files have a chat template.
        train("next", "{compute: f32, path: " + last("plain") + "}");
        assertEquals(plain, evaluated(last("next")));
    }

    @Test
    void aRunOfAnOlderVersionGoesOnAsItWas() throws IOException {
        train("old", source());
        Path checkpoints = folder.resolve("runs/old/checkpoints");
        try (Stream<Path> files = Files.walk(checkpoints)) {
            for (Path file : files.filter(each -> each.endsWith("reft-prompt.json") || each.endsWith("checksums.json"))
                    .toList()) {
                Files.delete(file);
            }
        }
        tuneToChat();
        begin();
        String plain = "prompt: the data's template; beginning of text: not set";
        assertEquals(plain, evaluated(last("old")));
        Cli resumed = train("old", source(), "--resume");
        assertTrue(resumed.err().contains(plain), resumed.err());
    }

    @Test
    void samplesOfAFolderAreAskedAlike() throws IOException {
        tuneToChat();
        Path out = folder.resolve("samples");
        Object[] words = {
            "sample",
            "--model",
            model,
            "--data",
            data,
            "--cot",
            "n",
            "--samples",
            "1",
            "--max-total-tokens",
            "140",
            "--compute",
            "f32",
            "--out",
            out
        };
        Cli first = Cli.run(words).done();
        assertTrue(first.err().contains("prompt: the model's chat template"), first.err());
        assertTrue(form(out).path("chat").asBoolean());
        List<Object> otherwise = new ArrayList<>(List.of(words));
        otherwise.add("--no-chat");
        Cli refused = Cli.run(otherwise.toArray());
        assertEquals(2, refused.status());
        assertTrue(refused.err().contains("holds samples that were asked otherwise"), refused.err());
        assertFalse(Files.exists(model.resolve("reft-prompt.json")), "the model's folder is left alone");
    }

    /** From an option, then from the model that was trained with it, until an option lifts it. */
    private Path format() throws IOException {
        return Files.writeString(
                folder.resolve("format.yaml"),
                "{type: json_schema, name: answer, schema: {type: object, properties: {n: {type: integer, minimum: 0, maximum: 9}},"
                        + " required: [n], additionalProperties: false}}");
    }

    @Test
    void answersHaveTheResponseFormat() throws IOException {
        Path format = format();
        String text = Cli.run(
                        "generate",
                        "--model",
                        model,
                        "--prompt",
                        "What is 1?",
                        "--temperature",
                        "0",
                        "--json",
                        "--response-format",
                        format)
                .done()
                .json()
                .at("/completions/0/text")
                .asText();
        assertTrue(text.matches("[ \\n]?\\{\\s*\"n\": ?[0-9]\\s*}"), text);
        assertTrue(evaluated(model, "--response-format", format).endsWith("; completions: JSON of the schema answer"));
        for (String split : List.of("train", "validation")) {
            Files.writeString(
                    data.resolve(split + ".jsonl"),
                    "{\"question\": \"" + split + "?\", \"answer\": \"1\", \"rationale\": \"{\\\"n\\\": 1}\"}\n");
        }
        train("json", source(), "--set", "prompt.response-format=" + format, "--set", "prompt.chat=false");
        assertEquals(
                "json_schema",
                form(last("json")).path("response-format").path("type").asText());
        assertTrue(evaluated(last("json")).endsWith("; completions: JSON of the schema answer"));
        Path lifted = Files.writeString(folder.resolve("text.json"), "{\"type\": \"text\"}");
        assertFalse(evaluated(last("json"), "--response-format", lifted).contains("completions"));
        Path faulty = Files.writeString(
                folder.resolve("faulty.json"), "{\"type\": \"json_schema\", \"schema\": {\"contains\": {}}}");
        String message = Cli.run("generate", "--model", model, "--prompt", "x", "--response-format", faulty)
                .err();
        assertTrue(
                message.contains(
                        "faulty.json is no response format that sampling can hold: the schema: the keyword \"contains\""),
                message);
    }

    @Test
    void perfectTextsMustHaveTheResponseFormat() throws IOException {
        Path format = format();
        for (String split : List.of("train", "validation")) {
            Files.writeString(
                    data.resolve(split + ".jsonl"),
                    "{\"question\": \"" + split + "?\", \"answer\": \"1\", \"rationale\": \"{\\\"n\\\": 1}\"}\n");
        }
        Path grader = Files.writeString(
                folder.resolve("grader.json"),
                "{\"type\": \"string_check\", \"input\": \"{{ sample.output_json.n }}\", \"reference\": \"1\", \"operation\": \"eq\"}");
        JsonNode checked = Cli.run(
                        "grader",
                        "check",
                        grader,
                        "--data",
                        data,
                        "--cot",
                        "n",
                        "--perfect",
                        "{\"m\": 1}",
                        "--response-format",
                        format,
                        "--json")
                .json();
        assertTrue(
                checked.path("warnings").toString().contains("do not have the response format"),
                checked.path("warnings").toString());
    }
}
