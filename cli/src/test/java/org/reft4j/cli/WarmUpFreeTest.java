package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.model.StoredModel;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.tokenizer.Tokenizers;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.tensor.Place;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.sample.Fingerprint;

/** Training without a warm-up: a model that cannot answer yet, examples before each question, and the same prompt in all later commands. */
final class WarmUpFreeTest {
    private static final String CONFIG = """
            recipe: reft
            name: free
            model:
              compute: f32
              new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 512}
            data: {path: DATA, cot: n}
            steps: 4
            rollout: {questions: 2, samples: 2, max-prompt-tokens: 200, max-total-tokens: 240}
            ppo: {minibatch: 4}
            prompt: {examples: [b, a], stop: [e, t]}
            evaluate: {every: 0, max-total-tokens: 240}
            checkpoint-every: 2
            """;

    private static final String EXAMPLES = """
            Question:
            What is 2 plus 2?
            Answer reasoning:
            2 + 2 = 4
            Therefore, the answer is: 4

            Question:
            What is 1 plus 1?
            Answer reasoning:
            1 + 1 = 2
            Therefore, the answer is: 2

            """;

    @TempDir
    private Path folder;

    private int refusals;

    private Path config() throws IOException {
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(data(), rows(1, 10));
        Files.writeString(folder.resolve("data/validation.jsonl"), rows(11, 12));
        Files.writeString(folder.resolve("data/test.jsonl"), rows(13, 14));
        return Files.writeString(
                folder.resolve("free.yaml"),
                CONFIG.replace("DATA", folder.resolve("data").toString()));
    }

    private Path data() {
        return folder.resolve("data/train.jsonl");
    }

    /** Doubles, whose ids are a, b, c and so on. */
    private static String rows(int from, int to) {
        StringBuilder rows = new StringBuilder();
        for (int i = from; i <= to; i++) {
            ObjectNode row = new ObjectMapper().createObjectNode();
            row.put("id", String.valueOf((char) ('a' + i - 1)));
            row.put("question", "What is " + i + " plus " + i + "?");
            row.put("answer", String.valueOf(2 * i));
            row.put("rationale", i + " + " + i + " = " + 2 * i);
            rows.append(row).append('\n');
        }
        return rows.toString();
    }

    private JsonNode train(String runs, Object... more) throws IOException {
        List<Object> words = new ArrayList<>(List.of("train", config(), "--runs", folder.resolve(runs), "--json"));
        words.addAll(List.of(more));
        return Cli.run(words.toArray()).done().json();
    }

    private static String question(String text) {
        return "Question:\n" + text + "\nAnswer reasoning:\n";
    }

    private static JsonNode generated(Path model, String question) throws IOException {
        return Cli.run(
                        "generate",
                        "--model",
                        model,
                        "--question",
                        question,
                        "--temperature",
                        "0",
                        "--max-tokens",
                        "40",
                        "--json")
                .done()
                .json();
    }

    private JsonNode evaluated(Path model) throws IOException {
        Path out = folder.resolve("evaluation");
        Cli.run(
                        "evaluate",
                        "--model",
                        model,
                        "--data",
                        folder.resolve("data"),
                        "--cot",
                        "n",
                        "--limit",
                        "1",
                        "--max-total-tokens",
                        "240",
                        "--out",
                        out)
                .done();
        return json(Files.readAllLines(out.resolve("answers.jsonl")).getFirst());
    }

    private static JsonNode json(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError(line, e);
        }
    }

    private static int tokens(String text) {
        try (Tokenizer tokenizer = Tokenizers.small()) {
            return tokenizer.encode(text).size();
        }
    }

    @Test
    void whatWasTrainedWithAPromptIsAskedWithIt() throws IOException {
        train("runs");
        Path run = folder.resolve("runs/free");
        askedInTraining(run);
        Path model = run.resolve("checkpoints/step-000004");
        askedAfterwards(model);
        otherQuestionsAreRefused(model);

        // A run that begins with it, in any recipe, goes on asking so.
        Path next = Files.writeString(
                folder.resolve("next.yaml"),
                Files.readString(folder.resolve("free.yaml"))
                        .replaceAll("(?m)^  new:.*$", "  path: " + model)
                        .replaceAll("(?m)^prompt:.*$", "")
                        .replace("name: free", "name: next")
                        .replace("steps: 4", "steps: 1"));
        Cli.run("train", next, "--runs", folder.resolve("runs")).done();
        assertEquals(
                Files.readString(model.resolve("reft-prompt.json")),
                Files.readString(folder.resolve("runs/next/checkpoints/step-000001/reft-prompt.json")));
    }

    private static void askedInTraining(Path run) throws IOException {
        JsonNode rollouts = Cli.run("rollouts", run, "--limit", "100", "--json")
                .done()
                .json()
                .path("rollouts");
        assertEquals(4 * 2 * 2, rollouts.size());
        boolean stopped = false;
        Map<Integer, List<Integer>> prompts = new TreeMap<>();
        for (JsonNode rollout : rollouts) {
            String id = rollout.path("item_id").asText();
            assertFalse(id.equals("a") || id.equals("b"), "an example is asked");
            prompts.computeIfAbsent(rollout.path("step").asInt(), _ -> new ArrayList<>())
                    .add(tokens(EXAMPLES + question(rollout.path("question").asText())));
            assertFalse(rollout.path("completion").asText().matches("(?s).*[et].*"), rollout::toString);
            stopped |= rollout.path("stop").asText().equals("stop-string");
        }
        assertTrue(stopped, rollouts::toString);

        List<Double> lengths = Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(WarmUpFreeTest::json)
                .filter(line -> line.findValue("prompt-length-mean") != null)
                .map(line -> line.findValue("prompt-length-mean").asDouble())
                .toList();
        assertEquals(
                prompts.values().stream()
                        .map(step -> step.stream().mapToInt(n -> n).average().orElseThrow())
                        .toList(),
                lengths);
    }

    private void askedAfterwards(Path model) throws IOException {
        JsonNode answer = evaluated(model);
        JsonNode generated = generated(model, answer.path("question").asText());
        assertEquals(
                EXAMPLES + question(answer.path("question").asText()),
                generated.path("prompt").asText());
        assertEquals(
                tokens(generated.path("prompt").asText()),
                generated.path("prompt-tokens").asInt());
        // Greedy from the same tokens: as far as the text that ends it.
        String written = generated.path("completions").path(0).path("text").asText();
        assertEquals(answer.path("completion").asText(), written.replaceFirst("(?s)[et].*", ""));
        assertEquals(
                answer.path("stop").asText(),
                generated.path("completions").path(0).path("stop").asText());

        // Without its prompt it would be another model.
        String whole = Fingerprint.of(StoredModel.open(model));
        Path bare = folder.resolve("bare");
        Cli.run("convert", model, bare).done();
        assertEquals(
                generated.path("prompt"),
                generated(bare, answer.path("question").asText()).path("prompt"));
        Files.delete(bare.resolve("reft-prompt.json"));
        String without = Fingerprint.of(StoredModel.open(bare));
        assertNotEquals(whole, without);
        assertEquals(question("Q?"), generated(bare, "Q?").path("prompt").asText());
    }

    private void otherQuestionsAreRefused(Path model) {
        Cli otherwise = Cli.run("evaluate", "--model", model, "--data", "wordproblems:test=2", "--cot", "p");
        assertEquals(2, otherwise.status());
        assertTrue(otherwise.err().contains("give cot n"), otherwise.err());
        Cli narrow = Cli.run(
                "evaluate",
                "--model",
                model,
                "--data",
                folder.resolve("data"),
                "--cot",
                "n",
                "--max-total-tokens",
                "50");
        assertTrue(narrow.err().contains("tokens of the few-shot examples alone"), narrow.err());
    }

    /** The separate critic, samples that a text ended, labels of steps, and reward models: wherever the prompt must go along. */
    @Test
    void whatLearnsFromItsSamplesIsAskedWithIt() throws IOException {
        train("runs", "--set", "critic=separate");
        Path model = folder.resolve("runs/free/checkpoints/step-000004");
        String form = Files.readString(model.resolve("reft-prompt.json"));
        Path grader = Files.writeString(
                folder.resolve("grader.json"),
                "{\"type\":\"string_check\",\"input\":\"{{sample.output_text}}\",\"reference\":\"a\",\"operation\":\"ilike\"}");
        Path samples = folder.resolve("samples");
        Object[] sampled = {"--data", folder.resolve("data"), "--grader", grader, "--model", model, "--compute", "f32"};
        Cli.run(with(
                        sampled,
                        "sample",
                        "--cot",
                        "n",
                        "--split",
                        "train",
                        "--samples",
                        "8",
                        "--max-total-tokens",
                        "240",
                        "--out",
                        samples))
                .done();
        assertTrue(Files.readString(samples.resolve("samples.jsonl")).contains("\"stop-string\""));

        Path labels = folder.resolve("labels.jsonl");
        Cli.run(with(sampled, "steps", samples, "--rollouts", "2", "--chains", "1", "--out", labels))
                .done();
        for (String recipe : List.of("weighted-regression", "reward-model")) {
            boolean judge = recipe.equals("reward-model");
            String settings = judge ? "" : "evaluate: {every: 0}\nregression: {weights: reward}";
            Path config = Files.writeString(
                    folder.resolve(recipe + ".yaml"),
                    """
                    recipe: RECIPE
                    name: RECIPE
                    model: {path: MODEL, compute: f32}
                    data: {path: DATA, cot: n}
                    samples: {path: SAMPLESMORE}
                    batch: 4
                    epochs: 1
                    max-tokens: 240
                    """.replace("RECIPE", recipe)
                                    .replace("MODEL", model.toString())
                                    .replace("DATA", folder.resolve("data").toString())
                                    .replace("SAMPLES", samples.toString())
                                    .replace("MORE", judge ? "" : ", mismatch: accept")
                            + settings);
            Cli.run("train", config, "--runs", folder.resolve("runs")).done();
            Path run = folder.resolve("runs").resolve(recipe);
            Path last = RunReader.of(run).latest().orElseThrow().folder();
            assertEquals(form, Files.readString(last.resolve("reft-prompt.json")), recipe);
            Cli.run("train", config, "--runs", folder.resolve("runs"), "--resume")
                    .done();
        }
        assertEquals(
                tokens(EXAMPLES + question("What is 3 plus 3?")),
                judged(RunReader.model(folder.resolve("runs/reward-model"))));
    }

    /** Tokens of the prompt that a reward model is shown. */
    private static int judged(Path model) {
        Question asked = new Question("c", "What is 3 plus 3?", new Answer.Text("6"), null);
        try (RewardModel opened = RewardModel.open(model, Place.HOST)) {
            return opened.passages(new ReftTemplate(Cot.PROSE))
                    .of(asked, "6")
                    .prompt()
                    .size();
        }
    }

    private static Object[] with(Object[] some, Object... first) {
        return Stream.concat(Stream.of(first), Stream.of(some)).toArray();
    }

    @Test
    void aResumedRunIsTheUndisturbedOne() throws IOException {
        train("whole");
        train("parts");
        Path run = folder.resolve("parts/free");
        Path last = run.resolve("checkpoints/step-000004");
        DurableFiles.deleteTree(last);
        assertTrue(Files.isDirectory(run.resolve("checkpoints/step-000002")));
        train("parts", "--resume");
        for (String file : List.of("model.safetensors", "trainer/state.safetensors", "reft-prompt.json")) {
            assertEquals(
                    -1,
                    Files.mismatch(
                            last.resolve(file),
                            folder.resolve("whole/free/checkpoints/step-000004").resolve(file)),
                    file);
        }
        // The examples come from the data, which can change without the run's knowledge.
        DurableFiles.deleteTree(last);
        Files.writeString(data(), Files.readString(data()).replace("1 + 1 = 2", "one and one is 2"));
        Cli changed = Cli.run("train", folder.resolve("free.yaml"), "--runs", folder.resolve("parts"), "--resume");
        assertEquals(2, changed.status(), changed.err());
        assertTrue(changed.err().contains("was trained with another prompt"), changed.err());
    }

    @Test
    void refusesWhatDoesNotFit() throws IOException {
        Path config = config();
        assertRefused(
                config, "rollout.max-prompt-tokens is 40; expected more than the", "rollout.max-prompt-tokens=40");
        assertRefused(
                config, "evaluate.max-total-tokens is 50; expected more than the", "evaluate.max-total-tokens=50");
        assertRefused(config, "prompt.few-shot is 12; expected at most 10", "prompt={few-shot: 12}");
        assertRefused(config, "prompt.chat is true, but the model has no chat template", "prompt={chat: true}");
        assertRefused(
                config,
                "one that leaves some to ask",
                "prompt={few-shot: 10}",
                "rollout.max-prompt-tokens=1000",
                "rollout.max-total-tokens=1100",
                "evaluate.max-total-tokens=1100");
    }

    private void assertRefused(Path config, String message, String... sets) {
        List<Object> words =
                new ArrayList<>(List.of("train", config, "--runs", folder.resolve("refused-" + refusals++)));
        for (String set : sets) {
            words.addAll(List.of("--set", set));
        }
        Cli refused = Cli.run(words.toArray());
        assertEquals(2, refused.status(), refused.err());
        assertTrue(refused.err().contains(message), refused.err());
    }
}
