package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code reft experiment hacking} in small: the machinery, not the finding. */
class HackingExperimentTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path work;

    private static Path folder = Path.of("");
    private static String shown = "";

    @BeforeAll
    static void experiment() throws IOException {
        Files.writeString(
                Path.of(also()),
                "[{\"item_id\": \"mathqa_1\", \"question\": \"what is 3 + 4 ?\\na ) 7 , b ) 6 , c ) 5 , d ) 4 , e ) 3\","
                        + " \"answer_value\": \"a\"}]");
        shown = Reft.run(work, "experiment", "hacking", "--small", "--seeds", "2", "--also", also())
                .orThrow()
                .out();
        folder = work.resolve("runs").resolve("hacking-small");
    }

    private static String also() {
        return work.resolve("also_test_set.json").toString();
    }

    @Test
    void modelsDifferInTheirRewardAlone() throws IOException {
        List<String> letter = Files.readAllLines(folder.resolve("seed-1/letter/config.yaml"));
        List<String> composite = Files.readAllLines(folder.resolve("seed-1/composite/config.yaml"));
        assertTrue(composite.contains("grader:"), () -> "no grader in " + composite);
        assertFalse(letter.contains("grader:"), () -> "a grader in " + letter);
        assertTrue(letter.contains("    form: choice"), () -> "not multiple choice: " + letter);
        List<String> only = composite.stream()
                .filter(line -> !letter.contains(line))
                .filter(line -> !line.startsWith("  "))
                .toList();
        assertEquals(List.of("name: composite", "grader:"), only);
    }

    @Test
    void everyModelIsAudited() throws IOException {
        JsonNode seeds = JSON.readTree(folder.resolve("results.json").toFile()).path("seeds");
        assertEquals(2, seeds.size());
        for (JsonNode seed : seeds) {
            for (String model : List.of("warmup", "letter", "composite")) {
                assertEquals(16, seed.path("test").path(model).path("total").asInt(), () -> model + " in " + seed);
                assertEquals(1, seed.path("mathqa").path(model).path("total").asInt(), () -> model + " in " + seed);
            }
        }
    }

    @Test
    void tableAndPicture() throws IOException, InterruptedException {
        for (String words : List.of("test: 16 questions, 2 seeds", "composite - letter", "mathqa: 1 questions")) {
            assertTrue(shown.contains(words), () -> "no \"" + words + "\" in:\n" + shown);
        }
        Path picture = folder.resolve("test.svg");
        assertTrue(Files.readString(picture).contains("letter reward"), "labels");
        Optional<Browser> browser = Browser.find();
        Assumptions.assumeTrue(
                browser.isPresent(), "skipped: no chromium, chromium-browser or google-chrome on the PATH");
        Browser.Page page = browser.orElseThrow().open(picture, work);
        assertEquals(List.of(), page.console(), "console");
        assertFalse(page.dom().contains("parsererror"), "the picture is not well-formed");
    }

    @Test
    void doneTwiceItTrainsOnce() throws IOException {
        String metrics = Files.readString(folder.resolve("seed-1/composite/metrics.jsonl"));
        Reft.run(work, "experiment", "hacking", "--small", "--seeds", "2", "--also", also())
                .orThrow();
        assertEquals(metrics, Files.readString(folder.resolve("seed-1/composite/metrics.jsonl")));
    }
}
