package org.reft4j.train.rollout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.tokenizer.HuggingFaceTokenizer;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Conversation;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.train.ConfigException;

/** Conversations as rows of training and as prompts of sampling. */
class PromptsTest {
    private static final String MESSAGES = """
            [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"},
             {"role": "user", "content": "three"}, {"role": "assistant", "content": "four"}]""";

    @TempDir
    private Path folder;

    @Test
    void ofAConversationTheAssistantsTurnsAreLearned() throws IOException {
        try (Tokenizer plain = Tokenizers.small()) {
            plain.save(folder);
            int end = plain.endOfText().orElseThrow();
            Files.writeString(
                    folder.resolve("chat_template.jinja"),
                    "{% for m in messages %}{{ m.role }}:\n{{ m.content }}{{ '" + plain.piece(end)
                            + "' if m.role == 'assistant' else '\n' }}{% endfor %}"
                            + "{% if add_generation_prompt %}{{ 'assistant:\n' }}{% endif %}");
            try (Tokenizer tokenizer = HuggingFaceTokenizer.open(folder, end)) {
                Prompts prompts = new Prompts(tokenizer, new ReftTemplate(Cot.PROSE), end);
                List<Row> rows = prompts.rows(question());
                assertEquals(2, rows.size());
                assertEquals(
                        tokenizer.encode("user:\none\nassistant:\n"),
                        rows.getFirst().prompt());
                assertEquals(
                        tokenizer.encode("two").append(end), rows.getFirst().completion());
                assertEquals(
                        tokenizer.encode("four").append(end), rows.getLast().completion());
                // Sampling starts from the same tokens as supervised training.
                Prompts.Start start = prompts.start(question().withoutRationale());
                assertEquals(rows.getLast().prompt(), start.tokens());
                assertEquals("", start.head());
            }
        }
    }

    @Test
    void aModelWithoutAChatTemplateIsRefused() throws IOException {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            Prompts prompts = new Prompts(tokenizer, new ReftTemplate(Cot.PROSE), 1);
            Question question = question();
            String said = String.valueOf(assertThrows(ConfigException.class, () -> prompts.rows(question))
                    .getMessage());
            assertTrue(said.contains("the model has no chat template") && said.contains("chat_template.jinja"), said);
            assertThrows(ConfigException.class, () -> prompts.start(question));
        }
    }

    private static Question question() throws IOException {
        ArrayNode messages = (ArrayNode) new ObjectMapper().readTree(MESSAGES);
        return new Question("c", "", new Answer.Text("four"), "four", new Conversation(messages, null), null);
    }
}
