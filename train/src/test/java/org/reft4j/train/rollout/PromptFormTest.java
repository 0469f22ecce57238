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
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.generate.Completion;
import org.reft4j.model.generate.StopReason;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.FewShotTemplate;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.train.ConfigException;

class PromptFormTest {
    /** One id a letter, and one for a line break with the q behind it. */
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
        PromptForm.PLAIN.save(folder);
        assertFalse(Files.exists(PromptForm.file(folder)), "a plain form is no file");
        FEW_SHOT.save(folder);
        assertEquals(FEW_SHOT, PromptForm.of(folder));
        PromptForm chat = new PromptForm(Cot.PROGRAM, "", true, "Say so.", List.of("a", "b"));
        Path file = folder.resolve("model.gguf");
        chat.save(file);
        assertEquals(chat, PromptForm.of(file));
        assertEquals(FEW_SHOT, PromptForm.of(folder), "a file beside others has its own");
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
        assertTrue(message.contains("give --cot n"), message);
    }
}
