package org.reft4j.train.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/** Whole runs of a tiny model that writes JSON of a schema alone, and is trained among the tokens that this left. */
class ResponseFormatRunsTest {
    /** Log-probabilities of single tokens in float32, by two passes in other groups. */
    private static final double ROUNDING = 1e-5;

    private static final String FORMAT = """
            {"type": "json_schema", "name": "answer", "strict": true, "schema": {"type": "object", "additionalProperties": false,
              "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["n"]}}
            """;

    @TempDir
    Path folder;

    @BeforeAll
    static void oneThread() {
        Torch.start(1);
    }

    private Map<String, String> settings(String recipe) {
        Map<String, String> settings = TinyRuns.settings(SamplingTemperatureTest.model(folder, 1));
        settings.put("evaluate.max-total-tokens", "200");
        settings.put("prompt.response-format", FORMAT.strip());
        if (!recipe.equals("sft")) {
            TinyRuns.sample(settings, 200);
            settings.put("grader", """
                    {type: multi, calculate_output: a + b / 2, graders: {
                      a: {type: length, unit: characters, soft: 0, hard: 60},
                      b: {type: string_check, input: "{{ sample.output_json.n }}", operation: like, reference: ""}}}
                    """.strip());
        }
        TinyRuns.unguarded(settings, recipe);
        return settings;
    }

    /** @param recipe a recipe, followed by its settings, separated by spaces */
    private KeptRun train(String name, String recipe, int stopBehind, Optional<Run.Checkpoint> from, String... more) {
        return TinyRuns.train(folder.resolve(name), stopBehind, from, recipe, settings(recipe.split(" ", 2)[0]), more);
    }

    /** Policy, old policy and reference are the same at first: no difference may show, although each has a forward pass of its own. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "grpo",
                "grpo rollout.temperature=0.7 rollout.top-p=0.8",
                "grpo rollout.top-k=5",
                "grpo lora.rank=4",
                "reft",
                "reft rollout.temperature=0.7 rollout.top-k=5"
            })
    void whatIsTrainedIsWhatWasSampled(String recipe) {
        KeptRun run = train("run", recipe, 0, Optional.empty());
        Map<String, Double> first = run.steps().getFirst().metrics();
        assertEquals(0, first.getOrDefault("kl-sequence", 1.0), 40 * ROUNDING, "the sum over up to 40 tokens");
        assertEquals(0, first.getOrDefault("kl-k2", 1.0), ROUNDING * ROUNDING);
        assertEquals(0, first.getOrDefault("logprob-gap-max", 1.0), ROUNDING);
        assertEquals(0.0, first.get("clip-fraction-first"));
        assertEquals(List.of(1.0, 1.0), run.metric("ratio-mean"), "one update a step is on-policy");
        assertTrue(run.metric("kl-k3").getLast() > 0, () -> "moved: " + run.metric("kl-k3"));
        assertTrue(first.getOrDefault("reward", 0.0) > 0, first::toString);
    }

    /** The same as far as the last bit. */
    @ParameterizedTest
    @ValueSource(strings = {"grpo steps=3 loss.minibatch=8", "reft steps=3 ppo.minibatch=8 ppo.epochs=2"})
    void resumesWhereItStopped(String recipe) throws IOException {
        KeptRun whole = train("whole", recipe, 0, Optional.empty());
        KeptRun first = train("parts", recipe, 1, Optional.empty());
        KeptRun second = train("parts", recipe, 0, first.latest());
        List<Map<String, Double>> parts = new ArrayList<>();
        first.steps().forEach(step -> parts.add(step.metrics()));
        second.steps().forEach(step -> parts.add(step.metrics()));
        assertEquals(whole.steps().stream().map(RunEvent.Stepped::metrics).toList(), parts);
        assertEquals(3, parts.size());
        for (String file : List.of("model.safetensors", "trainer/state.safetensors", "trainer/state.json")) {
            assertEquals(
                    -1,
                    Files.mismatch(
                            folder.resolve("whole/step-3").resolve(file),
                            folder.resolve("parts/step-3").resolve(file)),
                    file);
        }
    }

    private Path rows(String name, String... answers) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < answers.length; i++) {
            lines.append("{\"question\": \"How many are " + name.length() * 10 + i
                    + " and 1?\", \"answer\": \"1\", \"rationale\": \""
                    + answers[i].replace("\"", "\\\"").replace("\n", "\\n") + "\"}\n");
        }
        return Files.writeString(folder.resolve(name + ".jsonl"), lines);
    }

    private KeptRun learn(String name, String... answers) throws IOException {
        Map<String, String> settings = settings("sft");
        settings.put("data.path", rows(name, answers).toString());
        settings.put(
                "data.validation", rows("validation", "{\"n\":5}", "{\"n\":6}").toString());
        settings.put("epochs", "1");
        settings.put("batch", "2");
        settings.put("max-tokens", "200");
        KeptRun run = new KeptRun(folder.resolve(name), 0, Optional.empty());
        ConfigFile.of("sft", settings).run(run, GraderTools.plain(Cot.PROSE));
        return run;
    }

    @Test
    void rowsThatAreLearnedHaveTheFormat() throws IOException {
        KeptRun run = learn("right", "{\"n\":1}", "{\"n\": 2}", "{\n  \"n\": 3\n}", "{\"n\":4}");
        PromptForm form = PromptForm.of(run.latest().orElseThrow().folder());
        assertNotNull(form.responseFormat(), "it is stored with the model");
        String message = String.valueOf(assertThrows(
                        ConfigException.class,
                        () -> learn("wrong", "{\"n\":1}", "{\"n\":2}", "{\"n\":12}", "{\"n\":4}"))
                .getMessage());
        assertTrue(
                message.contains("wrong.jsonl, line 3: the answer leaves prompt.response-format after 6 characters"),
                message);
        assertTrue(message.contains("{\"n\":1 ⟨here⟩ 2}"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{type: json_schema, schema: {type: object, properties: {a: {not: {}}}}}",
                "{type: yaml}",
                "missing.json"
            })
    void refusals(String format) {
        Map<String, String> settings = settings("reft");
        settings.put("data.dataset", "wordproblems");
        settings.put("prompt.response-format", format);
        String message = String.valueOf(assertThrows(ConfigException.class, () -> ConfigFile.of("reft", settings))
                .getMessage());
        assertTrue(
                message.startsWith("--set prompt.response-format") || message.contains("prompt.response-format is"),
                message);
        assertTrue(
                message.contains("at /properties/a: the keyword \"not\"")
                        || message.contains("type is \"yaml\"; expected json_schema, json_object or text")
                        || message.contains("there is no such file"),
                message);
    }
}
