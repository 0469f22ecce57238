package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first command that a newcomer types, with a model so small that it takes seconds. */
class QuickstartTest {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final List<String> MODELS = List.of("warmup", "sft", "reft");

    @TempDir
    private static Path work;

    private static Path folder = Path.of("");
    private static String shown = "";

    @BeforeAll
    static void quickstart() throws IOException {
        shown = Reft.run(work, "quickstart", "--small").orThrow().out();
        try (Stream<Path> runs = Files.list(work.resolve("runs"))) {
            folder = runs.findFirst().orElseThrow();
        }
    }

    @Test
    void resultsHaveTheirKeys() throws IOException {
        JsonNode results = JSON.readTree(folder.resolve("results.json").toFile());
        for (String model : MODELS) {
            JsonNode result = results.path(model);
            for (String key : List.of("accuracy", "correct", "total", "low", "high")) {
                assertTrue(result.path(key).isNumber(), model + "." + key + " in " + results);
            }
            double accuracy = result.path("accuracy").asDouble();
            assertEquals(
                    result.path("correct").asDouble() / result.path("total").asDouble(), accuracy, 1e-12);
            assertTrue(result.path("low").asDouble() <= accuracy
                    && accuracy <= result.path("high").asDouble());
        }
        for (String key : List.of("value", "low", "high", "p")) {
            assertTrue(results.path("gain").path(key).isNumber(), "gain." + key + " in " + results);
        }
        assertTrue(results.path("seed").isIntegralNumber(), "seed in " + results);
        assertTrue(results.path("seconds").size() >= MODELS.size(), "seconds in " + results);
    }

    @Test
    void theTableIsShown() {
        for (String words : List.of("warm-up", "SFT", "ReFT", "95 %", "report.html")) {
            assertTrue(shown.contains(words), () -> "no \"" + words + "\" in:\n" + shown);
        }
    }

    @Test
    void asJsonItIsOneObject() throws IOException {
        Reft.Outcome outcome = Reft.run(work, "quickstart", "--small", "--json").orThrow();
        assertEquals(
                JSON.readTree(folder.resolve("results.json").toFile()).path("reft"),
                JSON.readTree(outcome.out()).path("reft"));
    }

    @Test
    void doneTwiceItTrainsOnce() throws IOException {
        SortedMap<String, String> before =
                Folders.contents(folder.resolve("reft").resolve("checkpoints"));
        String metrics = Files.readString(folder.resolve("reft").resolve("metrics.jsonl"));
        Reft.run(work, "quickstart", "--small").orThrow();
        assertEquals(before, Folders.contents(folder.resolve("reft").resolve("checkpoints")));
        assertEquals(metrics, Files.readString(folder.resolve("reft").resolve("metrics.jsonl")));
    }

    @Test
    void theReportIsDrawn() throws IOException, InterruptedException {
        Optional<Browser> browser = Browser.find();
        Assumptions.assumeTrue(
                browser.isPresent(), "skipped: no chromium, chromium-browser or google-chrome on the PATH");
        Browser.Page page = browser.orElseThrow().open(folder.resolve("report.html"), work);
        assertEquals(List.of(), page.console(), "console");
        assertTrue(page.dom().contains("data-drawn=\"true\""), "the script did not come to its end");
        assertFalse(page.dom().contains("data-failed"), "part of the page failed");
        assertEquals(MODELS.size(), count(page.dom(), "<tr data-result="), "rows of the result table");
        assertTrue(count(page.dom(), "<canvas") >= 4, "curves");
        assertTrue(count(page.dom(), "<tr class=\"row\"") >= 1, "rollouts");
    }

    @Test
    void aBrokenPageIsSeen() throws IOException, InterruptedException {
        Optional<Browser> browser = Browser.find();
        Assumptions.assumeTrue(
                browser.isPresent(), "skipped: no chromium, chromium-browser or google-chrome on the PATH");
        Path broken = work.resolve("broken.html");
        Files.writeString(broken, "<script>nobody.knows()</script>");
        assertFalse(browser.orElseThrow().open(broken, work).console().isEmpty());
    }

    private static int count(String text, String part) {
        int count = 0;
        for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
            count++;
        }
        return count;
    }
}
