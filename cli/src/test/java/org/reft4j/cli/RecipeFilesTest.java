package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.algorithm.Recipes;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.settings.RecipeConfig;

/** Every recipe file that ships can be explained, here, without the model and the data that it names, and is listed. */
class RecipeFilesTest {
    static final Path RECIPES = Path.of("../recipes").toAbsolutePath().normalize();

    private static final Pattern LINK = Pattern.compile("\\]\\(([^/)]+\\.yaml)\\)");

    /** Files of recipes that this build does not have are left out. */
    static List<Path> known() throws IOException {
        List<String> names = Recipes.ALL.stream().map(Recipes.Entry::name).toList();
        return Stream.concat(files(RECIPES).stream(), files(RECIPES.resolve("paper")).stream())
                .filter(file -> names.contains(recipe(file)))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("known")
    void isExplained(Path file) {
        Cli explained = Cli.run("train", file, "--explain");
        // Missing files are refused as training refuses them, after everything else was shown.
        assertTrue(
                explained.status() == 0
                        || (explained.status() == 2 && explained.err().contains("there is no such file or folder")),
                explained.err());
        assertTrue(explained.out().contains("Configuration:\n  recipe: " + recipe(file)), explained.out());
        assertTrue(
                explained
                        .out()
                        .contains("name: " + file.getFileName().toString().replace(".yaml", "")),
                explained.out());
    }

    /** The annotated programs have the form that the recipe rewards. */
    @ParameterizedTest
    @ValueSource(strings = {"wordproblems-warmup-free", "svamp-smollm2-pcot-warmup-free"})
    void theRecipesFormIsThatOfThePrograms(String name) {
        RecipeConfig config =
                ConfigFile.explain(RECIPES.resolve(name + ".yaml"), List.of()).config();
        Pattern form = Pattern.compile(Objects.requireNonNull(config.grader())
                .at("/graders/form/pattern")
                .asText());
        Dataset data = Datasets.open(new DataConfig(
                "wordproblems", null, Cot.PROGRAM, 0.1, 42, 0, 0, Map.of("steps-max", "2", "annotated", "20")));
        for (Question question : data.train()) {
            if (question.rationale() != null) {
                String program = data.template().target(question);
                assertTrue(form.matcher(program).find(), program);
                assertFalse(form.matcher(program + "\n\nQ").find(), program);
            }
        }
    }

    @Test
    void theListsAreComplete() throws IOException {
        for (Path folder : List.of(RECIPES, RECIPES.resolve("paper"))) {
            TreeSet<String> listed = new TreeSet<>(LINK.matcher(Files.readString(folder.resolve("README.md")))
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .toList());
            assertEquals(
                    new TreeSet<>(files(folder).stream()
                            .map(file -> file.getFileName().toString())
                            .toList()),
                    listed);
        }
    }

    static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    private static String recipe(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> line.startsWith("recipe: "))
                    .findFirst()
                    .orElseThrow()
                    .substring("recipe: ".length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
