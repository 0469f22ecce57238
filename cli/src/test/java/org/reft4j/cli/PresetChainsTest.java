package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.reft4j.experiment.grid.Grid;
import org.reft4j.experiment.grid.GridFile;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.Setting;
import org.reft4j.train.run.ConfigDifference;

/** The files that ship, and the commands written in them, produce every run and every folder of samples that others start from. */
class PresetChainsTest {
    private static final Path ROOT = RecipeFilesTest.RECIPES.resolveSibling("");
    private static final Pattern NAMED = Pattern.compile("--set name=([\\w.-]+)");
    private static final Pattern WRITTEN = Pattern.compile("--out ((?:samples|steps)/[\\w.-]+(?:/[\\w.-]+)*)");
    private static final Pattern STEP = Pattern.compile("runs/([\\w.-]+)(?:/checkpoints/step-\\d{6,})?");
    private static final String STEM = "STEM-";

    static List<Path> recipes() throws IOException {
        return Stream.concat(
                        RecipeFilesTest.files(RecipeFilesTest.RECIPES).stream(),
                        RecipeFilesTest.files(RecipeFilesTest.RECIPES.resolve("paper")).stream())
                .toList();
    }

    static List<Path> experiments() throws IOException {
        return RecipeFilesTest.files(ROOT.resolve("experiments"));
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aRecipeBeginsWithWhatSomethingWrites(Path file) throws IOException {
        var settings = new TreeMap<>(
                ConfigDifference.leaves(ConfigFile.explain(file, List.of()).yaml()));
        for (String key : List.of("model.path", "base.path")) {
            String path = settings.getOrDefault(key, "");
            if (path.startsWith("runs/")) {
                Matcher run = STEP.matcher(path);
                assertTrue(run.matches(), () -> key + " is " + path + ", neither a run nor one of its checkpoints");
                assertTrue(isMade(run.group(1)), () -> key + " is " + path + ", and nothing makes a run of that name");
            }
        }
        for (String key : List.of("samples.path", "steps.path")) {
            String path = settings.getOrDefault(key, "");
            if (!path.isEmpty() && !path.equals("null")) {
                assertTrue(
                        all(WRITTEN).contains(path) || isMade(path.replaceFirst("^runs/", "")),
                        () -> key + " is " + path + ", and no command beside the recipes writes it");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("experiments")
    void anExperimentIsRead(Path file) {
        Grid grid = GridFile.read(file);
        assertFalse(grid.cells().isEmpty(), file::toString);
    }

    /** The twin: a run that nothing makes, and a key that no recipe has. */
    @Test
    void aBrokenChainIsNoticed() throws IOException {
        assertFalse(isMade("nobody-made-this"));
        assertTrue(isMade("codellama-7b-svamp-pcot-warmup"), "by a command for every stem");
        assertFalse(isMade("some-model-warmup"), "there is no such stem");
        assertFalse(all(WRITTEN).contains("samples/none"));
        try {
            var _ = ConfigFile.explain(
                    RecipeFilesTest.RECIPES.resolve("wordproblems-sft.yaml"), List.of(new Setting("no-such-key", "1")));
            throw new AssertionError("taken");
        } catch (ConfigException e) {
            assertTrue(String.valueOf(e.getMessage()).contains("no-such-key"), e.getMessage());
        }
    }

    /** SVAMP's number of held-out questions is not round, so that the last step of a run is hard to predict. */
    @Test
    void theRunsOnSvampNameNoStep() throws IOException {
        int seen = 0;
        for (Path file : RecipeFilesTest.files(RecipeFilesTest.RECIPES.resolve("paper"))) {
            if (file.toString().contains("-svamp-")) {
                assertFalse(Files.readString(file).contains("/checkpoints/"), file::toString);
                seen++;
            }
        }
        assertEquals(22, seen);
    }

    private static boolean isMade(String run) throws IOException {
        Set<String> names = new HashSet<>();
        for (Path file : recipes()) {
            names.add(file.getFileName().toString().replace(".yaml", ""));
        }
        Set<String> set = all(NAMED);
        return names.contains(run)
                || set.contains(run)
                || set.stream()
                        .filter(name -> name.startsWith(STEM))
                        .map(name -> name.substring(STEM.length() - 1))
                        .anyMatch(end -> run.endsWith(end)
                                && names.contains(run.substring(0, run.length() - end.length()) + "-sft"));
    }

    /** Texts that the commands in and next to the recipes write. */
    private static Set<String> all(Pattern pattern) throws IOException {
        List<Path> files = new ArrayList<>(recipes());
        files.add(RecipeFilesTest.RECIPES.resolve("README.md"));
        files.add(RecipeFilesTest.RECIPES.resolve("paper").resolve("README.md"));
        Set<String> found = new HashSet<>();
        for (Path file : files) {
            // A command may continue in the next line, after a comment sign.
            String text = Files.readString(file).replaceAll("\\\\\\n#?\\s*", " ");
            pattern.matcher(text).results().map(result -> result.group(1)).forEach(found::add);
        }
        return found;
    }
}
