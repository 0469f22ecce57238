package org.reft4j.train.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.FewShotTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.Beginning;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.settings.PromptConfig;

/** Examples before a question, and settings that are refused. */
class PromptConfigTest {
    private static final Dataset DATA = data();

    @TempDir
    private Path folder;

    private static Dataset data() {
        List<Question> train = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            train.add(
                    new Question("q" + i, "What is " + i + "?", new Answer.Numeric("" + i, i), i < 4 ? "It is" : null));
        }
        return new Dataset("made", new ReftTemplate(Cot.PROSE), train, List.of(), List.of(), List.of());
    }

    private static PromptConfig config(String... settings) {
        Map<String, String> all = new java.util.LinkedHashMap<>(Map.of("model.path", ".", "steps", "1"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return java.util.Objects.requireNonNull(
                ConfigFile.of("reft", all).config().prompt());
    }

    private static String shown(Question question) {
        return FewShotTemplate.examples(DATA.template(), List.of(question));
    }

    private static String refused(org.junit.jupiter.api.function.Executable call) {
        return String.valueOf(assertThrows(ConfigException.class, call).getMessage());
    }

    @Test
    void theSeedChoosesAmongTheAnnotated() {
        PromptConfig two = config("prompt.few-shot", "2");
        PromptForm form = two.form(DATA, 1);
        assertEquals(form, two.form(DATA, 1));
        TreeSet<String> chosen = new TreeSet<>();
        for (long seed = 0; seed < 40; seed++) {
            String examples = two.form(DATA, seed).examples();
            List<String> found = DATA.train().stream()
                    .filter(question -> examples.contains(DATA.template().prompt(question)))
                    .map(Question::id)
                    .toList();
            assertEquals(2, found.size(), examples);
            chosen.addAll(found);
        }
        assertEquals(new TreeSet<>(List.of("q0", "q1", "q2", "q3")), chosen);
        assertEquals(List.of("\n\nQuestion:"), form.stop());
        assertEquals(Cot.PROSE, form.cot());
    }

    @Test
    void idsChooseInTheirOrder() {
        PromptForm form = config("prompt.examples", "[q3, q0]").form(DATA, 1);
        assertEquals(shown(DATA.train().get(3)) + shown(DATA.train().get(0)), form.examples());
        PromptForm own = config("prompt.examples", "[q3]", "prompt.stop", "[\"\\n\\n\", END]")
                .form(DATA, 1);
        assertEquals(List.of("\n\n", "END"), own.stop());
    }

    @Test
    void nothingAskedForIsThePapersPrompt() {
        assertEquals(PromptForm.PLAIN, config("prompt.few-shot", "0").form(DATA, 1));
        PromptForm ended = config("prompt.stop", "[END]").form(DATA, 1);
        assertNotEquals(PromptForm.PLAIN, ended);
        assertEquals("", ended.examples());
    }

    /** Keys that a section leaves out keep the model's prompt form. */
    @Test
    void whatIsLeftOpenIsAsTheModelHasIt() {
        PromptForm open = new PromptForm(null, "", true, "Think.", List.of("END"), null, Beginning.AUTO);
        assertEquals(open, PromptConfig.OPEN.form(DATA, 1, open));
        assertEquals(
                open.with(Beginning.NONE), config("prompt.beginning", "none").form(DATA, 1, open));
        assertEquals(
                PromptForm.PLAIN.with(Beginning.AUTO),
                config("prompt.chat", "false").form(DATA, 1, open));
        assertEquals(
                PromptForm.PLAIN,
                config("prompt", "{chat: false, beginning: none}").form(DATA, 1, open));
        PromptForm shown = config("prompt.few-shot", "1").form(DATA, 1, open);
        assertFalse(shown.chat(), "examples are for a model that does not chat");
        assertEquals(Beginning.AUTO, shown.beginning());
        assertNull(shown.system());
        assertEquals(
                List.of("X"), config("prompt.stop", "[X]").form(DATA, 1, open).stop());
    }

    @Test
    void examplesAreInTheWordsOfAnOwnTemplate() {
        PromptForm form = config("prompt", "{few-shot: 1, template: \"Q: {{ item.question }} A: \"}")
                .form(DATA, 1);
        assertTrue(form.examples().matches("(?s)Q: What is \\d\\? A: It is\\n.*"), form.examples());
        assertEquals(List.of("\n\nQ:"), form.stop());
        PromptForm chat = config("prompt", "{chat: true, template: \"{{ item.question }}\"}")
                .form(DATA, 1);
        assertTrue(chat.chat());
        assertEquals("{{ item.question }}", chat.template());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sft",
                "reft",
                "grpo",
                "offline-self-training",
                "online-self-training",
                "dpo",
                "kto",
                "weighted-regression",
                "reward-model"
            })
    void everyRecipeTakesIt(String recipe) {
        Map<String, String> settings = new java.util.LinkedHashMap<>(
                Map.of("model.path", ".", "prompt", "{chat: true, system: Think., beginning: always, stop: [END]}"));
        if (List.of("reft", "grpo", "online-self-training").contains(recipe)) {
            settings.put("steps", "1");
        }
        if (recipe.equals("offline-self-training")) {
            settings.put("base.path", ".");
        }
        if (List.of("dpo", "kto", "weighted-regression", "reward-model").contains(recipe)) {
            settings.put("samples.path", ".");
        }
        PromptConfig prompt = ConfigFile.of(recipe, settings).config().prompt();
        assertEquals(new PromptConfig(0, null, true, "Think.", List.of("END"), null, Beginning.ALWAYS, null), prompt);
    }

    @Test
    void moreThanThereAreIsRefused() {
        String many = refused(() -> config("prompt.few-shot", "5").form(DATA, 1));
        assertTrue(
                many.contains(
                        "prompt.few-shot is 5; expected at most 4, the number of training questions with a rationale"),
                many);
        String unknown = refused(() -> config("prompt.examples", "[q1, q4]").form(DATA, 1));
        assertTrue(unknown.contains("prompt.examples is q4") && unknown.contains("such as q0"), unknown);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{few-shot: -1} | prompt.few-shot is -1",
                "{few-shot: 1, examples: [q0]} | prompt.examples is given; expected none with prompt.few-shot",
                "{examples: [q0, q0]} | each id once",
                "{examples: q0} | prompt.examples is q0; expected a list of texts",
                "{few-shot: 1, chat: true} | prompt.chat is true; expected false with examples",
                "{system: Think.} | prompt.system is given; expected none without prompt.chat",
                "{stop: ['']} | prompt.stop",
                "{template: Answer.} | expected a text with {{ item.question }}",
                "{template: '{{ question }}'} | prompt.template holds {{ question }}; expected item or sample",
                "{template: '{{ sample.output_text }}'} | expected a text with {{ item.question }}",
                "{beginning: maybe} | prompt.beginning is maybe",
                "{chat: perhaps} | prompt.chat is perhaps; expected true or false",
                "{few-shots: 1} | did you mean prompt.few-shot?"
            })
    void refuses(String prompt, String remedy) {
        String message = refused(() -> config("prompt", prompt));
        assertTrue(message.contains(remedy), message);
    }

    @Test
    void readsWhatItWrites() throws IOException {
        ConfigFile.Resolved resolved = ConfigFile.of(
                "reft",
                Map.of(
                        "model.path", ".",
                        "steps", "1",
                        "prompt", "{examples: [q0, q1], stop: [\"\\n\\nQuestion:\"]}"));
        Path file = Files.writeString(folder.resolve("again.yaml"), resolved.yaml());
        assertEquals(resolved.config(), ConfigFile.read(file, List.of()).config());
    }
}
