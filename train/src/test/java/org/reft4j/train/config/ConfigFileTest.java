package org.reft4j.train.config;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.Grade;
import org.reft4j.train.ConfigException;
import org.reft4j.train.algorithm.GrpoSettings;
import org.reft4j.train.algorithm.ReftSettings;
import org.reft4j.train.algorithm.SftRecipe;
import org.reft4j.train.settings.OptimizerConfig;

final class ConfigFileTest {
    private static final String REFT = """
            recipe: reft
            name: small
            model:
              new: {layers: 2, width: 64, heads: 4, key-value-heads: 2, feed-forward: 128, context-length: 256}
            data:
              dataset: wordproblems
              cot: n
              options: {steps-max: 2, annotated: 50}
            steps: 7
            ppo:
              kl: 2e-2
              epochs: 3
            optimizer:
              learning-rate: 1e-4
            """;

    @TempDir
    private Path folder;

    @Test
    void laysTheFileOverTheDefaults() throws IOException {
        ReftSettings config = assertInstanceOf(ReftSettings.class, read(REFT).config());
        assertEquals("small", config.name());
        assertEquals(7, config.steps());
        assertEquals(0.02, config.ppo().kl());
        assertEquals(3, config.ppo().epochs());
        assertEquals(0.2, config.ppo().clip(), "not in the file: the paper's");
        assertEquals(1e-4, config.optimizer().learningRate());
        assertEquals(OptimizerConfig.Schedule.CONSTANT, config.optimizer().schedule());
        assertEquals(Cot.PROSE, config.data().cot());
        assertEquals(Map.of("steps-max", "2", "annotated", "50"), config.data().options());
        assertEquals(42, config.seed());
        assertEquals(0, requireNonNull(config.model().fresh()).initializerRange(), "a default inside a section");
    }

    @Test
    void optionsGoOverTheFile() throws IOException {
        ReftSettings config = assertInstanceOf(
                ReftSettings.class,
                read(REFT, "ppo.kl=0.5", "data.cot=p", "rollout.samples=4", "rollout.questions=8", "name=x: #y=*z")
                        .config());
        assertEquals(0.5, config.ppo().kl());
        assertEquals(Cot.PROGRAM, config.data().cot());
        assertEquals(4, config.rollout().samples());
        assertEquals("x: #y=*z", config.name());
    }

    @Test
    void nullTakesBackWhatTheFileSays() throws IOException {
        Files.createDirectories(folder.resolve("models/tiny"));
        String adapted = "recipe: sft\nmodel: {path: models/tiny}\nlora: {rank: 4}\nepochs: 7\n";
        assertEquals(4, requireNonNull(sft(adapted).lora()).rank());
        assertNull(sft(adapted, "lora=null").lora());
        double epochs = sft("recipe: sft\nmodel: {path: models/tiny}\n").epochs();
        assertEquals(epochs, sft(adapted, "epochs=null").epochs(), "the default");
    }

    /** Ten times the recipe's own default, unless the file says a rate; a resolved text says one. */
    @Test
    void adaptersLearnTenTimesAsFastByDefault() throws IOException {
        Files.createDirectories(folder.resolve("models/tiny"));
        String[] recipes = {"sft", "reft", "grpo", "online-self-training", "dpo", "kto", "weighted-regression"};
        for (String recipe : recipes) {
            String text = "recipe: " + recipe + "\nmodel: {path: models/tiny}\n"
                    + (List.of("dpo", "kto", "weighted-regression").contains(recipe)
                            ? "samples: {path: models/tiny}\n"
                            : recipe.equals("sft") ? "" : "steps: 4\n");
            double whole = rate(text);
            assertEquals(10 * whole, rate(text + "lora: {rank: 4}\n"), 1e-9 * whole, recipe);
            assertEquals(10 * whole, rate(text + "lora: {}\noptimizer: {clip: 2}\n"), 1e-9 * whole, recipe);
            assertEquals(whole, rate(text, "lora.rank=4", "lora=null"), recipe);
            assertEquals(0.5, rate(text + "lora: {rank: 4}\n", "optimizer.learning-rate=0.5"), recipe);
            assertEquals(
                    3e-6, rate("recipe: reft\nmodel: {path: models/tiny}\nsteps: 4\nlora: {}\n"), "to the last digit");
        }
        ConfigFile.Resolved resolved = read("recipe: sft\nmodel: {path: models/tiny}\nlora: {}\n");
        assertEquals(resolved.yaml(), read(resolved.yaml()).yaml());
    }

    private double rate(String text, String... sets) throws IOException {
        String rate = read(text, sets)
                .yaml()
                .lines()
                .filter(line -> line.startsWith("  learning-rate: "))
                .findFirst()
                .orElseThrow();
        return Double.parseDouble(rate.substring(rate.indexOf(':') + 1));
    }

    /** Seven wrong answers and one that cannot be read are alike: nothing says which was better. */
    @Test
    void groupsAreComparedByRightOrNot() throws IOException {
        Files.createDirectories(folder.resolve("models/tiny"));
        GrpoSettings grpo = assertInstanceOf(
                GrpoSettings.class,
                read("recipe: grpo\nmodel: {path: models/tiny}\nsteps: 4\n").config());
        double[] rewards = new double[8];
        java.util.Arrays.fill(rewards, grpo.reward().of(new Grade.Wrong("7")));
        rewards[7] = grpo.reward().of(new Grade.NoAnswer("none"));
        assertArrayEquals(new float[8], grpo.advantage().of(rewards));
        assertEquals(1, grpo.reward().of(new Grade.Correct("7")));
    }

    @Test
    void theResolvedTextGivesTheSameConfigurationAndText() throws IOException {
        ConfigFile.Resolved first = read(REFT, "name='12'");
        ConfigFile.Resolved second = read(first.yaml());
        assertEquals(first.config(), second.config());
        assertEquals(first.yaml(), second.yaml());
        assertTrue(first.yaml().startsWith("recipe: reft\nname: \"12\"\nseed: 42\n"), first.yaml());
    }

    @Test
    void theOrderOfKeysInTheFileDoesNotShow() throws IOException {
        String turned = "steps: 7\nseed: 42\n" + REFT.replace("steps: 7\n", "");
        assertEquals(read(REFT).yaml(), read(turned).yaml());
    }

    @Test
    void findsPathsFromTheFilesFolder() throws IOException {
        Files.createDirectories(folder.resolve("models/tiny"));
        SftRecipe.Settings config = sft("recipe: sft\nmodel: {path: models/tiny}\n");
        assertEquals(folder.resolve("models/tiny").toString(), config.model().path());
    }

    @Test
    void aGraderStandsInTheFileOrInOneOfItsOwn() throws IOException {
        String described = "{type: string_check, input: a, reference: a, operation: eq}";
        ConfigFile.Resolved inline = read(REFT + "grader: " + described + "\n");
        Files.writeString(folder.resolve("mine.json"), described.replaceAll("(\\w+)", "\"$1\""));
        ConfigFile.Resolved apart = read(REFT + "grader: mine.json\n");
        assertEquals(inline.yaml(), apart.yaml());
        assertEquals(
                "eq", requireNonNull(apart.config().grader()).path("operation").asText());
        assertNull(read(REFT).config().grader());
        assertTrue(refusal(REFT + "grader: other.json\n").contains("grader is other.json; there is no such file"));
    }

    private String refusal(String text) {
        return String.valueOf(
                assertThrows(ConfigException.class, () -> read(text)).getMessage());
    }

    @Test
    void whatIsMeasuredHasTheRoomOfWhatIsSampled() {
        Map<String, String> model = Map.of("model.path", folder.toString(), "data.dataset", "wordproblems");
        Map<String, String> longer = new HashMap<>(model);
        longer.put("steps", "3");
        assertEquals(700, ConfigFile.of("grpo", longer).config().evaluate().maxTotalTokens());
        longer.put("rollout.max-total-tokens", "2048");
        assertEquals(2048, ConfigFile.of("grpo", longer).config().evaluate().maxTotalTokens());
        longer.put("evaluate.every", "5");
        assertEquals(2048, ConfigFile.of("reft", longer).config().evaluate().maxTotalTokens());
        longer.put("evaluate.max-total-tokens", "900");
        assertEquals(900, ConfigFile.of("reft", longer).config().evaluate().maxTotalTokens());
        model = new HashMap<>(model);
        model.put("batch", "8");
        model.put("epochs", "1");
        assertEquals(700, ConfigFile.of("sft", model).config().evaluate().maxTotalTokens());
    }

    @Test
    void makesAConfigurationFromCode() {
        ConfigFile.Resolved made = ConfigFile.of(
                "sft",
                Map.of(
                        "model.new",
                        "{layers: 1, width: 8, heads: 2, key-value-heads: 1, feed-forward: 16, context-length: 64}"));
        assertEquals(
                48, assertInstanceOf(SftRecipe.Settings.class, made.config()).batch());
    }

    /** A text of {@link #REFT}, its replacement, and the whole message that must follow; # is the file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "  kl: 2e-2|  kll: 2e-2|#:11: unknown key ppo.kll; did you mean ppo.kl?",
                "  kl: 2e-2|  value_weight: 1|#:11: unknown key ppo.value_weight; did you mean ppo.value-weight?",
                "steps: 7|steps: 7\nlearning-rate: 1|#:10: unknown key learning-rate; did you mean optimizer.learning-rate?",
                "  kl: 2e-2|  zebra: 2|#:11: unknown key ppo.zebra; legal here: epochs, minibatch, clip, value-clip,"
                        + " value-weight, gamma, lambda, kl, whiten",
                "steps: 7|steps: many|#:9: steps is many; expected a whole number",
                "steps: 7|steps: 7.5|#:9: steps is 7.5; expected a whole number",
                "steps: 7|steps: 3000000000|#:9: steps is 3000000000; expected a whole number of at most 2147483647",
                "steps: 7|steps: [1, 2]|#:9: steps is [1,2]; expected a whole number",
                "steps: 7|steps: -1|#:9: steps is -1; expected a positive number",
                "steps: 7\n||#: steps is missing; give it as \"steps: 10\"",
                "  kl: 2e-2|  kl: high|#:11: ppo.kl is high; expected a number",
                "  kl: 2e-2|  kl: -0.1|#:11: ppo.kl is -0.1; expected 0 or more",
                "  kl: 2e-2|  whiten: maybe|#:11: ppo.whiten is maybe; expected true or false",
                "  kl: 2e-2|  minibatch: 5|#:11: ppo.minibatch is 5; expected a divisor of the 32 rollouts of a step"
                        + " (32 questions x 1 samples)",
                "steps: 7|steps: 7\nmicro-batch-tokens: 0|#:10: micro-batch-tokens is 0; expected auto or a positive number",
                "steps: 7|steps: 7\nactivation-checkpointing: maybe|#:10: activation-checkpointing is maybe; expected auto, true or"
                        + " false",
                "steps: 7|steps: 7\nlora: {rank: 0}|#:10: lora.rank is 0; expected a positive number",
                "steps: 7|steps: 7\nrollout: {mixed-only: true}|#:10: rollout.mixed-only is true; expected false, where"
                        + " rollout.samples is 1: a single completion is like itself",
                "  cot: n|  cot: q|#:7: data.cot is q; expected prose or program (short: n is prose, p is program)",
                "  learning-rate: 1e-4|  learning-rate: 1e400|#:14: optimizer.learning-rate is 1E+400; expected a number",
                "  learning-rate: 1e-4|  schedule: cosine|#:14: optimizer.schedule is cosine; expected constant or linear",
                "  learning-rate: 1e-4|  - 3|#:13: optimizer is [3]; expected keys and values: learning-rate, schedule,"
                        + " warmup, beta1, beta2, epsilon, weight-decay, clip",
                "recipe: reft|recipe: raft|#:1: recipe is raft; expected sft or reft",
                "recipe: reft||#:1: recipe is missing; expected \"recipe: \" and sft or reft",
                "heads: 4,|heads: 5,|#:4: model.new.width is 64; expected an even multiple of heads (5)",
                "heads: 4,|heads: 4, hats: 1,|#:4: unknown key model.new.hats; did you mean model.new.heads?",
                "heads: 4,||#:4: model.new.heads is missing; give it as \"heads: 10\" under model.new",
                "steps: 7|steps: 7\nname: again|#:10: name is given twice, first at #:2; keep one",
                "steps: 7|steps: 7\nreward: {correct: 0}|#:10: reward.correct is 0.0; expected more than no-answer (0.0), or"
                        + " nothing can be learned",
                "name: small|name: &a small|",
                "name: small|name: ../x|#:2: name is '../x'; expected a plain folder name such as my-run",
                "name: small|name: a/b|#:2: name is 'a/b'; expected a plain folder name such as my-run",
                "  new:|  path: nowhere\n  new:|#:4: model.path is nowhere; there is no such file or folder",
            })
    void namesTheLineAndTheRemedy(String line) throws IOException {
        String[] parts = line.split("\\|", -1);
        String text = REFT.replace(parts[0], parts[1]);
        assertTrue(!text.equals(REFT), "the case changes nothing");
        if (parts[2].isEmpty()) {
            assertInstanceOf(ReftSettings.class, read(text).config());
            return;
        }
        ConfigException error = assertThrows(ConfigException.class, () -> read(text));
        String message = String.valueOf(error.getMessage()).replace(file().toString(), "#");
        assertTrue(message.startsWith(parts[2]), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "steps: 7\n\tname: x|#:2: not valid YAML: ",
                "steps: [1, 2|#:1: not valid YAML: ",
                "steps: 7\n---\nsteps: 8\n|#:2: not valid YAML: ",
                "- 1|#:1: expected keys and values such as",
                "|#:1: recipe is missing",
                "a: &x {b: 1}\nc: *x|#:1: anchors and aliases are not supported",
                "{a: 1}: 2|#:1: a key must be a word",
            })
    void namesTheLineOfASyntaxError(String line) throws IOException {
        String[] parts = line.split("\\|", -1);
        ConfigException error = assertThrows(ConfigException.class, () -> read(parts[0]));
        String message = String.valueOf(error.getMessage()).replace(file().toString(), "#");
        assertTrue(message.startsWith(parts[1]), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ppo.kll=1|--set ppo.kll=1: unknown key ppo.kll; did you mean ppo.kl?",
                "ppo.kl=-1|--set ppo.kl=-1: ppo.kl is -1.0; expected 0 or more",
                "ppo.kl|--set ppo.kl: expected key=value, such as ppo.kl=0.01",
                "ppo.kl=[1|--set ppo.kl=[1: not valid YAML: ",
                "ppo.epochs.x=1|--set ppo.epochs.x=1: ppo.epochs is {\"x\":1}; expected a whole number",
                "rollout.questions=7|",
            })
    void namesTheOption(String line) throws IOException {
        String[] parts = line.split("\\|", -1);
        ConfigException error = assertThrows(ConfigException.class, () -> read(REFT, parts[0]));
        String message = String.valueOf(error.getMessage());
        assertTrue(message.startsWith(parts[1]), message);
    }

    /** A program has no options; whoever has some says how they are written. */
    @Test
    void namesTheSettingWhereNobodyHasOptions() throws IOException {
        Files.writeString(file(), REFT);
        ConfigException error =
                assertThrows(ConfigException.class, () -> ConfigFile.read(file(), Setting.parse(List.of("ppo.kl=-1"))));
        assertEquals("ppo.kl=-1", error.place());
        assertEquals("ppo.kl=-1: ppo.kl is -1.0; expected 0 or more", error.getMessage());
    }

    @Test
    void refusesWhatIsNotText() throws IOException {
        Files.write(file(), "name: \u00e9".getBytes(StandardCharsets.ISO_8859_1));
        ConfigException error = assertThrows(ConfigException.class, () -> ConfigFile.read(file(), List.of()));
        assertEquals(file() + ": is not UTF-8 text; save it as UTF-8", error.getMessage());
        Path missing = folder.resolve("none.yaml");
        assertEquals(
                missing + ": there is no such file",
                assertThrows(ConfigException.class, () -> ConfigFile.read(missing, List.of()))
                        .getMessage());
        assertEquals(
                folder + ": cannot be read: it is a folder",
                assertThrows(ConfigException.class, () -> ConfigFile.read(folder, List.of()))
                        .getMessage());
    }

    private Path file() {
        return folder.resolve("reft.yaml");
    }

    private void checkpoint(int step, String score) throws IOException {
        Path checkpoint = Files.createDirectories(folder.resolve("runs/warm/checkpoints/step-0000" + step));
        Files.writeString(checkpoint.resolve("checkpoint.json"), "{\"step\": " + step + ", \"score\": " + score + "}");
    }

    @Test
    void aRunStandsForItsChosenCheckpoint() throws IOException {
        String text = "recipe: sft\nmodel: {path: runs/warm}\n";
        Files.createDirectories(folder.resolve("runs/warm/checkpoints"));
        Files.writeString(folder.resolve("runs/warm/config.yaml"), "recipe: sft\n");
        ConfigException none = assertThrows(ConfigException.class, () -> read(text));
        assertEquals(
                file() + ":2: model.path is " + folder.resolve("runs/warm")
                        + ", a run without a checkpoint yet; wait for its first, or name a model folder",
                none.getMessage());
        assertEquals(
                folder.resolve("runs/warm").toString(),
                ConfigFile.explain(file(), List.of()).config().model().path(),
                "only looked at");
        checkpoint(10, "null");
        checkpoint(20, "null");
        assertEquals(
                folder.resolve("runs/warm/checkpoints/step-000020").toString(),
                read(text).config().model().path(),
                "nothing was measured: the newest");
        checkpoint(10, "0.5");
        checkpoint(15, "0.25");
        assertEquals(
                folder.resolve("runs/warm/checkpoints/step-000010").toString(),
                read(text).config().model().path(),
                "the best on validation");
    }

    private SftRecipe.Settings sft(String text, String... sets) throws IOException {
        return assertInstanceOf(SftRecipe.Settings.class, read(text, sets).config());
    }

    private ConfigFile.Resolved read(String text, String... sets) throws IOException {
        Files.writeString(file(), text);
        return ConfigFile.read(file(), Setting.parse(List.of(sets), "--set "));
    }
}
