package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code --explain} refuses the same things as training, in the same words, and neither leaves any files. */
final class ExplainTest {
    private static final String MODEL =
            "{layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}";
    private static final String REST = """
            recipe: reft
            name: tiny
            data:
              dataset: wordproblems
              cot: n
              options: {annotated: 8, answers: 8, validation: 4, test: 4, steps-max: 1}
            steps: 3
            rollout: {questions: 2, samples: 2, max-prompt-tokens: 180, max-total-tokens: 200}
            ppo: {minibatch: 4}
            evaluate: {max-total-tokens: 200}
            """;
    private static final String CONFIG = REST + "model: {new: " + MODEL + "}\n";

    @TempDir
    private Path folder;

    /**
     * A configuration that cannot be run.
     *
     * @param config the file
     * @param sets settings that override it
     * @param words words that the message must contain
     */
    record Bad(String name, String config, List<String> sets, List<String> words) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Bad> bad() {
        return Stream.of(
                bad("an unknown key", "stepz=3", "stepz"),
                bad("a model that is not there", REST + "model: {path: none}\n", "model.path is none"),
                bad("data that are not there", "data={path: none.jsonl, cot: n}", "none.jsonl"),
                bad("data that are damaged", "data={path: cut.jsonl, cot: n}", "cut.jsonl"),
                bad("an option that the data have not", "data.options.stepz=3", "stepz", "steps"),
                bad("prompts that are all too long", "rollout.max-prompt-tokens=2", "rollout.max-prompt-tokens 2"),
                bad(
                        "a context without room",
                        "model.new.context-length=16",
                        "no training question fits into the model's context: 15"),
                bad("examples that are not there", "prompt={few-shot: 9}", "prompt.few-shot is 9; expected at most 8"),
                bad("a chat template that the model has not", "prompt={chat: true}", "no chat template"),
                bad(
                        "a grader that names what rows lack",
                        "grader={type: string_check, input: '{{ item.absent }}', reference: a, operation: eq}",
                        "item.absent"),
                bad(
                        "a grader whose Python cannot be read",
                        "grader={type: python, source: 'def grade(sample, item): retrn 1'}",
                        "grader.source"),
                bad(
                        "a grader whose service is not there",
                        "grader={type: endpoint, url: 'http://127.0.0.1:9/', retries: 0}",
                        "grader"),
                bad("a judge that is not there", "models={judge: {path: none}}", "none"),
                bad(
                        "a step grader that judges no steps",
                        "step-grader={type: string_check, input: a, reference: a, operation: eq}",
                        "judges no steps"),
                bad(
                        "more layers than memory",
                        CONFIG.replace("layers: 1, width: 16", "layers: 100000, width: 4096"),
                        "GiB"),
                bad("absurd widths", "model.new.width=2147483600", "GiB of memory, and this machine has"),
                bad("absurdly many layers of little", "model.new.layers=20000000", "GiB"),
                new Bad(
                        "absurdly many samples",
                        CONFIG,
                        List.of("rollout.samples=1000000000", "ppo.minibatch=2000000000"),
                        List.of("of Java's memory", "rollout.samples")),
                bad(
                        "nothing annotated",
                        "recipe: sft\nname: tiny\ndata: {path: good.jsonl, cot: n}\nmodel: {new: " + MODEL + "}\n",
                        "no annotated training question"),
                bad(
                        "rows that are too long",
                        CONFIG.replaceAll("(?s)steps: 3.*max-total-tokens: 200}\\n", "max-tokens: 3\n")
                                .replace("recipe: reft", "recipe: sft"),
                        "max-tokens 3"));
    }

    private static Bad bad(String name, String setOrConfig, String... words) {
        return setOrConfig.startsWith("recipe:")
                ? new Bad(name, setOrConfig, List.of(), List.of(words))
                : new Bad(name, CONFIG, List.of(setOrConfig), List.of(words));
    }

    @ParameterizedTest
    @MethodSource("bad")
    void refusesWhatTrainingRefuses(Bad bad) throws IOException {
        Files.writeString(folder.resolve("cut.jsonl"), "{\"question\": \"wh");
        Files.writeString(
                folder.resolve("good.jsonl"), "{\"question\": \"What is 1 + 1?\", \"answer\": \"2\"}\n".repeat(1));
        Path config = Files.writeString(folder.resolve("c.yaml"), bad.config());
        Path runs = folder.resolve("runs");
        Cli trained = run(config, runs, bad);
        Cli explained = run(config, runs, bad, "--explain");
        assertAll(
                () -> assertEquals(2, trained.status(), trained.err()),
                () -> assertEquals(2, explained.status(), explained.err()),
                () -> assertEquals(trained.err(), explained.err()),
                () -> assertEquals(1, trained.err().strip().lines().count(), trained.err()),
                () -> assertFalse(Files.exists(runs), "no folder was made"));
        for (String word : bad.words()) {
            assertTrue(trained.err().contains(word), trained.err());
        }
    }

    private static Cli run(Path config, Path runs, Bad bad, String... more) {
        Stream<Object> sets = bad.sets().stream().flatMap(set -> Stream.of("--set", set));
        return Cli.run(Stream.of(Stream.<Object>of("train", config, "--runs", runs), sets, Stream.of(more))
                .flatMap(each -> each)
                .toArray());
    }

    @Test
    void refusesAFolderOfAnotherRun() throws IOException {
        Path config = Files.writeString(folder.resolve("c.yaml"), CONFIG.replace("steps: 3", "steps: 1"));
        Path runs = folder.resolve("runs");
        Cli.run("train", config, "--runs", runs).done();
        for (String[] more : List.of(new String[] {}, new String[] {"--resume", "--set", "seed=7"})) {
            Bad none = new Bad("", "", List.of(), List.of());
            Cli trained = run(config, runs, none, more);
            Cli explained = run(
                    config,
                    runs,
                    none,
                    Stream.concat(Stream.of("--explain"), Stream.of(more)).toArray(String[]::new));
            assertEquals(2, trained.status(), trained.err());
            assertEquals(trained.err(), explained.err());
        }
        Cli.run("train", config, "--runs", runs, "--explain", "--resume").done();
    }

    @Test
    void saysLengthsMemoryAndTime() throws IOException {
        Path config = Files.writeString(folder.resolve("c.yaml"), CONFIG);
        Cli people = Cli.run(
                        "train",
                        config,
                        "--runs",
                        folder.resolve("runs"),
                        "--explain",
                        "--set",
                        "rollout.max-prompt-tokens=32")
                .done();
        assertTrue(people.out().contains("GiB, of which"), people.out());
        assertTrue(people.out().contains("training prompts         16, median "), people.out());
        assertTrue(people.out().contains(" are longer and left out"), people.out());
        assertTrue(people.out().contains("Time, estimated from a few seconds"), people.out());
        assertTrue(
                Pattern.compile("this machine: about \\d.* \\(\\d.* to \\d.*\\)")
                        .matcher(people.out())
                        .find(),
                people.out());
        JsonNode plan = Cli.run("train", config, "--runs", folder.resolve("runs"), "--explain", "--json")
                .done()
                .json();
        assertTrue(plan.path("checked").asBoolean());
        JsonNode prompts = plan.path("lengths").path("training prompts");
        assertEquals(16, prompts.path("count").asInt());
        assertEquals(180, prompts.path("limit").asInt());
        assertTrue(prompts.path("median").asInt() <= prompts.path("longest").asInt());
        JsonNode time = plan.path("time");
        assertTrue(time.path("seconds").asDouble() > 0, plan.toString());
        assertEquals(time.path("seconds").asDouble(), time.path("seconds-low").asDouble() * 1.5, 1e-9, plan.toString());
        assertEquals(
                time.path("seconds-high").asDouble(), time.path("seconds").asDouble() * 1.5, 1e-9, plan.toString());
        assertTrue(time.path("measured").path("trained-tokens-per-second").asDouble() > 0, plan.toString());
        assertTrue(plan.path("machine-bytes").path("memory").asLong() > 0, plan.toString());
    }
}
