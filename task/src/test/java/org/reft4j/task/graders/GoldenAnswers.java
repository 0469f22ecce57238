package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Completions and what the reference code extracted from them and paid (every array), and pairs of texts with how alike they are (every
 * {@code cases}), in {@code grading/*.json} of the folder that {@code -Dreft4j.golden} names, else of {@code ../shared/golden} beside the project, else of the part that the project carries.
 */
final class GoldenAnswers {
    private static final Path ROOT = Path.of(System.getProperty("reft4j.root", "."));

    private GoldenAnswers() {}

    /**
     * The cases of one kind of chain of thought; skips the test where there is no folder of them.
     *
     * @param cot {@code nl} or {@code python}
     */
    static List<JsonNode> of(String cot) throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        for (JsonNode file : files()) {
            if (file.isArray()) {
                file.forEach(answer -> {
                    if (answer.path("cot").asText().equals(cot)) {
                        cases.add(answer);
                    }
                });
            }
        }
        return told(cases, "answers of kind " + cot);
    }

    /** Pairs of texts with what Python's libraries say about them; skips the test where there is no folder of them. */
    static List<JsonNode> similarities() throws IOException {
        List<JsonNode> cases = new ArrayList<>();
        for (JsonNode file : files()) {
            file.path("cases").forEach(each -> {
                if (each.has("input") && each.has("reference")) {
                    cases.add(each);
                }
            });
        }
        return told(cases, "similarities");
    }

    private static List<JsonNode> files() throws IOException {
        Path grading = folder().resolve("grading");
        boolean found = Files.isDirectory(grading);
        if (!found) {
            System.out.println("skipped: no golden answers in " + grading);
        }
        assumeTrue(found, () -> "no golden answers in " + grading);
        List<JsonNode> contents = new ArrayList<>();
        try (Stream<Path> files = Files.list(grading)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
                contents.add(new ObjectMapper().readTree(file.toFile()));
            }
        }
        return contents;
    }

    private static List<JsonNode> told(List<JsonNode> cases, String kind) {
        System.out.println("golden " + kind + ": " + cases.size() + " in " + folder());
        assertFalse(cases.isEmpty(), () -> "no " + kind + " in " + folder());
        return cases;
    }

    private static Path folder() {
        String given = System.getProperty("reft4j.golden", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        Path beside = ROOT.resolve("../shared/golden").normalize();
        return Files.isDirectory(beside) ? beside : ROOT.resolve("verify/src/test/golden");
    }
}
