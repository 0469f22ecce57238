package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.FewShotTemplate;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.train.ConfigException;

class PromptFormTest {
    /** One id for each letter, and one for a line break with the q after it. */
    private static final String LETTERS = """
            {"version": "1.0", "added_tokens": [{"id": 0, "content": "<|end|>", "special": true, "single_word": false,
               "lstrip": false, "rstrip": false, "normalized": false}],
             "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false},
             "post_processor": null,
             "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
             "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
               "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
               "vocab": {"<|end|>": 0, "Ċ": 1, "q": 2, "a": 3, "1": 4, "2": 5, ":": 6, "Ċq": 7}, "merges": ["Ċ q"]}}""";

    private static final PromptForm FEW_SHOT = new PromptForm(Cot.PROSE, "q1:2\n\n", false, null, List.of("\n\nq"));

    @TempDir
    private Path folder;

    /** {@code q1:} and {@code 2}. */
    private static final class Letters implements PromptTemplate {
        @Override
        public Cot cot() {
            return Cot.PROSE;
        }

        @Override
        public String prompt(Question question) {
            return "q" + question.text() + ":";
        }

        @Override
        public String header(Question question) {
            return "";
        }

        @Override
        public String target(Question question) {
            return question.answer().raw();
        }
    }

    private static Question question(String text) {
        return new Question(text, text, new Answer.Text("2"), null);
    }

    private static String refused(Executable call) {
        return String.valueOf(assertThrows(ConfigException.class, call).getMessage());
    }

    private Tokenizer letters() throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), LETTERS);
        return HuggingFaceTokenizer.open(folder, 0);
    }

    /** The joint between the example and the question is one token, which two encodings would tear apart. */
    @Test
    void thePromptIsEncodedAsAWhole() throws IOException {
        try (Tokenizer tokenizer = letters()) {
            assertEquals(
                    "q1:2\n\n",
                    FewShotTemplate.examples(
                            new Letters(), List.of(new Question("1", "1", new Answer.Text("2"), "2"))));
            Prompts prompts = new Prompts(tokenizer, new Letters(), 0, FEW_SHOT);
            assertEquals(
                    Tokens.of(2, 4, 6, 5, 1, 7, 5, 6),
                    prompts.start(question("2")).tokens());
            assertEquals(Tokens.of(2, 5, 6), new Prompts(tokenizer, new Letters(), 0).prompt(question("2")));
            assertTrue(prompts.shows(question("1")));
            assertFalse(prompts.shows(question("2")));
            // q 1 : 2 and two line breaks.
            prompts.requireRoom("rollout.max-prompt-tokens", 7);
            String message = refused(() -> prompts.requireRoom("rollout.max-prompt-tokens", 6));
            assertTrue(
                    message.startsWith(
                            "rollout.max-prompt-tokens is 6; expected more than the 6 tokens of the few-shot"),
                    message);
        }
    }

    @Test
    void theTextEndsBeforeTheStopStringAndTheTokensKeepIt() throws IOException {
        try (Tokenizer tokenizer = letters()) {
            Prompts prompts = new Prompts(tokenizer, new Letters(), 0, FEW_SHOT);
            Tokens sampled = Tokens.of(3, 1, 3, 1, 7); // a, a, and a question of its own
            Rollout rollout = prompts.rollout(
                    prompts.start(question("2")),
                    0,
                    new Completion(sampled, StopReason.STOP_STRING, -1, -2, -3, -4, -5));
            assertEquals("a\na", rollout.text());
            assertEquals(sampled, rollout.row().completion(), "no token is taken away, and no end of text invented");
            assertEquals(Tokens.of(2, 4, 6, 5, 1, 7, 5, 6), rollout.row().prompt());
        }
    }

    @Test
    void aChatModelIsToldBySystemAndUser() throws IOException {
        try (Tokenizer plain = Tokenizers.small()) {
            plain.save(folder);
            int end = plain.endOfText().orElseThrow();
            Files.writeString(
                    folder.resolve("chat_template.jinja"),
                    "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}"
                            + "{% if add_generation_prompt %}<assistant>{% endif %}");
            PromptForm form = new PromptForm(Cot.PROSE, "", true, "Think first.", List.of());
            try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder, end)) {
                Prompts prompts = new Prompts(tokenizer, new ReftTemplate(Cot.PROSE), end, form);
                String text = "<system>Think first.\n<user>1 + 1?\n<assistant>";
                assertEquals(text, prompts.text(question(" 1 + 1?\n")));
                assertEquals(
                        tokenizer.encode(text),
                        prompts.start(question("1 + 1?")).tokens());
            }
            String message = refused(() -> new Prompts(plain, new ReftTemplate(Cot.PROSE), end, form));
            assertTrue(message.startsWith("prompt.chat is true, but the model has no chat template"), message);
        }
    }

    /** The small tokenizer with the special tokens of Gemma 3 from 1024 on, and its template in short. */
    private void gemma() throws IOException {
        try (Tokenizer plain = Tokenizers.small()) {
            plain.save(folder);
        }
        Path file = folder.resolve("tokenizer.json");
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        int id = 1024;
        for (String token : List.of("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")) {
            json.withArray("added_tokens")
                    .addObject()
                    .put("id", id++)
                    .put("content", token)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        Files.writeString(file, json.toString());
        Files.writeString(
                folder.resolve("tokenizer_config.json"), "{\"bos_token\": \"<bos>\", \"eos_token\": \"<eos>\"}");
        Files.writeString(
                folder.resolve("chat_template.jinja"),
                "{{ bos_token }}{% for m in messages %}<start_of_turn>{{ m.role }}\n{{ m.content | trim }}<end_of_turn>\n"
                        + "{% endfor %}{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}");
    }

    @Test
    void aChatAnswerIsTaughtToEndItsTurn() throws IOException {
        gemma();
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [1025, 1027]}");
        Question annotated = new Question("1", "1 + 1?", new Answer.Text("2"), "1 and 1");
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            for (boolean chat : new boolean[] {true, false}) {
                PromptForm form = new PromptForm(Cot.PROSE, "", chat, null, List.of());
                Prompts prompts = new Prompts(tokenizer, new ReftTemplate(Cot.PROSE), 1025, form);
                assertEquals(Set.of(1025, 1027), prompts.ends().all());
                Tokens target = prompts.rows(annotated).getFirst().completion();
                assertEquals(chat ? 1027 : 1025, target.get(target.size() - 1));
                assertEquals(chat ? 1027 : 1025, prompts.endOfText());
            }
        }
    }

    @Test
    void liesBesideTheModel() throws IOException {
        assertEquals(PromptForm.PLAIN, PromptForm.of(folder));
        assertEquals(Optional.empty(), PromptForm.trained(folder));
        PromptForm.PLAIN.save(folder);
        assertEquals(Optional.of(PromptForm.PLAIN), PromptForm.trained(folder), "plain is said, too");
        FEW_SHOT.save(folder);
        assertEquals(FEW_SHOT, PromptForm.of(folder));
        PromptForm chat = new PromptForm(Cot.PROGRAM, "", true, "Say so.", List.of("a", "b"));
        Path file = folder.resolve("model.gguf");
        chat.save(file);
        assertEquals(chat, PromptForm.of(file));
        assertEquals(FEW_SHOT, PromptForm.of(folder), "a file beside others has its own");
    }

    @Test
    void olderFoldersHadNoTokenInFront() throws IOException {
        Files.writeString(
                PromptForm.file(folder), "{\"cot\": \"prose\", \"examples\": \"\", \"chat\": true, \"stop\": []}");
        assertEquals(Beginning.NONE, PromptForm.of(folder).beginning());
        assertTrue(PromptForm.of(folder).chat());
        Files.delete(PromptForm.file(folder));
        Files.createDirectories(folder.resolve("trainer"));
        assertEquals(Optional.of(PromptForm.PLAIN), PromptForm.trained(folder), "a checkpoint without the file");
    }

    @Test
    void aModelThatNobodyTrainedHereIsAskedAsItsFilesHaveIt() throws IOException {
        try (Tokenizer plain = Tokenizers.small()) {
            PromptForm form = PromptForm.of(folder, plain);
            assertEquals(PromptForm.PLAIN.with(Beginning.AUTO), form);
        }
        gemma();
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            PromptForm form = PromptForm.of(folder, tokenizer);
            assertTrue(form.chat());
            assertEquals(Beginning.AUTO, form.beginning());
            PromptForm.PLAIN.save(folder);
            assertEquals(PromptForm.PLAIN, PromptForm.of(folder, tokenizer));
        }
    }

    /** Once in front of the prompt, and of nothing that is encoded apart from it. */
    @Test
    void theTokenInFrontIsSetOnce() throws IOException {
        gemma();
        begun();
        Question annotated = new Question("1", "1 + 1?", new Answer.Text("2"), "def solution():\n    return 2");
        ReftTemplate data = new ReftTemplate(Cot.PROGRAM);
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            for (Beginning rule : Beginning.values()) {
                int expected = rule == Beginning.NONE ? 0 : 1;
                Prompts prompts = new Prompts(tokenizer, data, 1025, PromptForm.PLAIN.with(rule));
                Tokens start = prompts.start(annotated).tokens();
                assertEquals(expected, count(start, 1024), rule.toString());
                assertEquals(rule == Beginning.NONE, start.get(0) != 1024);
                Row row = prompts.rows(annotated).getFirst();
                assertEquals(expected, count(row.prompt(), 1024));
                assertEquals(0, count(row.completion(), 1024));
                assertEquals(0, count(row.prompt(), 1025), "the token behind is no part of a prompt");
                PromptForm shown = new PromptForm(Cot.PROGRAM, "An example.\n\n", false, null, List.of(), null, rule);
                Tokens fewShot = new Prompts(tokenizer, data, 1025, shown).prompt(annotated);
                assertEquals(expected, count(fewShot, 1024));
                PromptForm chat = new PromptForm(Cot.PROGRAM, "", true, null, List.of(), null, rule);
                Tokens asked = new Prompts(tokenizer, data, 1025, chat).prompt(annotated);
                assertEquals(1, count(asked, 1024), "the chat template writes it");
                assertEquals(1024, asked.get(0));
                Files.writeString(
                        folder.resolve("chat_template.jinja"), "{% for m in messages %}{{ m.content }}{% endfor %}");
                try (Tokenizer bare = HuggingFaceTokenizer.open(folder)) {
                    Tokens words = new Prompts(bare, data, 1025, chat).prompt(annotated);
                    assertEquals(rule == Beginning.ALWAYS ? 1 : 0, count(words, 1024), "the template decides");
                }
                gemma();
                begun();
            }
        }
    }

    @Test
    void alwaysNeedsATokenAndAddsOneThatTheTokenizerHasNot() throws IOException {
        try (Tokenizer plain = Tokenizers.small()) {
            String message = refused(
                    () -> new Prompts(plain, new ReftTemplate(Cot.PROSE), 1, PromptForm.PLAIN.with(Beginning.ALWAYS))
                            .prompt(question("1")));
            assertTrue(message.startsWith("prompt.beginning is always, but"), message);
        }
        gemma();
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            for (Beginning rule : Beginning.values()) {
                Prompts prompts =
                        new Prompts(tokenizer, new ReftTemplate(Cot.PROSE), 1025, PromptForm.PLAIN.with(rule));
                assertEquals(rule == Beginning.ALWAYS ? 1 : 0, count(prompts.prompt(question("1")), 1024));
            }
        }
    }

    private static int count(Tokens tokens, int id) {
        return (int) Arrays.stream(tokens.toArray()).filter(each -> each == id).count();
    }

    /** A post-processor with a token before and one after the text. */
    private void begun() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        ObjectNode json = (ObjectNode) new ObjectMapper().readTree(file.toFile());
        json.set("post_processor", new ObjectMapper().readTree("""
                        {"type": "TemplateProcessing", "pair": [],
                         "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                                    {"SpecialToken": {"id": "<eos>", "type_id": 0}}],
                         "special_tokens": {"<bos>": {"id": "<bos>", "ids": [1024], "tokens": ["<bos>"]},
                                            "<eos>": {"id": "<eos>", "ids": [1025], "tokens": ["<eos>"]}}}
                        """));
        Files.writeString(file, json.toString());
    }

    @Test
    void aQuestionIsPutInWordsOfOnesOwn() throws IOException {
        gemma();
        Question asked = new Question("1", "1 + 1?", new Answer.Text("2"), null, null, (ObjectNode)
                new ObjectMapper().readTree("{\"unit\": \"apples\"}"));
        String words = "Q: {{ item.question }} ({{ item.unit }})\nA:";
        try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder)) {
            ReftTemplate data = new ReftTemplate(Cot.PROSE);
            PromptForm own = new PromptForm(Cot.PROSE, "", false, null, List.of(), words, Beginning.NONE);
            assertEquals("Q: 1 + 1? (apples)\nA:", new Prompts(tokenizer, data, 1025, own).text(asked));
            PromptForm chat = new PromptForm(Cot.PROSE, "", true, null, List.of(), words, Beginning.NONE);
            assertTrue(new Prompts(tokenizer, data, 1025, chat)
                    .text(asked)
                    .contains("<start_of_turn>user\nQ: 1 + 1? (apples)\nA:<end_of_turn>"));
            own.save(folder);
            assertEquals(own, PromptForm.of(folder));
            DataException failure = assertThrows(
                    DataException.class, () -> new Prompts(tokenizer, data, 1025, own).text(question("2")));
            assertTrue(String.valueOf(failure.getMessage()).contains("has no item.unit"), failure::getMessage);
        }
    }

    @Test
    void refusesAFormThatCannotBeRead() throws IOException {
        Path file = PromptForm.file(folder);
        for (String text : List.of(
                "{", "{\"cot\": \"prose\"}", "{\"cot\": \"no\", \"examples\": \"\", \"chat\": false, \"stop\": []}")) {
            Files.writeString(file, text);
            String message = refused(() -> PromptForm.of(folder));
            assertTrue(message.startsWith(file.toString()), message);
        }
    }

    @Test
    void refusesAnotherKindOfReasoning() {
        FEW_SHOT.require(new ReftTemplate(Cot.PROSE), folder);
        PromptForm.PLAIN.require(new ReftTemplate(Cot.PROGRAM), folder);
        String message = refused(() -> FEW_SHOT.require(new ReftTemplate(Cot.PROGRAM), folder));
        assertTrue(message.contains("give cot n"), message);
    }
}
