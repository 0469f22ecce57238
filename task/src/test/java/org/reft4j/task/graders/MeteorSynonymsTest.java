package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.similarity.Meteor;
import org.reft4j.task.similarity.WordNet;

/** Synonyms in {@code meteor}: a dictionary of four sets made by hand, and the real one against NLTK where it is installed. */
final class MeteorSynonymsTest {
    private static final double ROUNDING = 1e-12;
    private static final Path INSTALLED = Path.of("/usr/share/wordnet");

    @TempDir
    private Path folder = Path.of("");

    /** Nouns: car = auto = motor_car, goose. Verbs: buy = purchase. Adjectives: big = large(p). */
    @BeforeEach
    void write() throws IOException {
        String licence = "  1 This is no licence.\n";
        String car = "03 n 03 car 0 auto 0 motor_car 0 000 | on four wheels";
        String goose = "05 n 01 goose 0 000 | a bird";
        String nouns = licence + "00000024 " + car + "\n00000090 " + goose + "\n";
        Files.writeString(folder.resolve("data.noun"), nouns);
        Files.writeString(
                folder.resolve("index.noun"),
                licence
                        + index("car", "n", nouns.indexOf("00000024"))
                        + index("auto", "n", nouns.indexOf("00000024"))
                        + index("goose", "n", nouns.indexOf("00000090")));
        Files.writeString(folder.resolve("noun.exc"), "geese goose\n");
        Files.writeString(folder.resolve("data.verb"), "00000000 40 v 02 buy 0 purchase 0 000 | get for money\n");
        Files.writeString(folder.resolve("index.verb"), index("buy", "v", 0) + index("purchase", "v", 0));
        Files.writeString(folder.resolve("verb.exc"), "bought buy\n");
        Files.writeString(folder.resolve("data.adj"), "00000000 00 a 02 big 0 large(p) 0 000 | of great size\n");
        Files.writeString(folder.resolve("index.adj"), index("big", "a", 0) + index("large", "a", 0));
        Files.writeString(folder.resolve("adj.exc"), "bigger big\n");
        Files.writeString(folder.resolve("data.adv"), "");
        Files.writeString(folder.resolve("index.adv"), "");
        Files.writeString(folder.resolve("adv.exc"), "");
    }

    private static String index(String word, String part, int place) {
        return word + " " + part + " 1 1 @ 1 0 %08d  %n".formatted(place).replace("\r", "");
    }

    private Grader grader(String more) {
        return GraderObjects.grader("{'type': 'text_similarity', 'name': 'x', 'input': '{{ sample.output_text }}',"
                + " 'reference': '{{ item.wanted }}', 'evaluation_metric': 'meteor'" + more + "}");
    }

    private double score(String wanted, String written) {
        return GraderObjects.score(grader(", 'wordnet': '" + folder + "'"), "{'wanted': '" + wanted + "'}", written);
    }

    @Test
    void findsWordsOfOneWordThatShareASense() {
        WordNet words = WordNet.read(folder);
        assertEquals(Set.of("cars", "car", "auto"), words.synonyms("cars"));
        assertEquals(Set.of("bought", "buy", "purchase"), words.synonyms("bought"));
        assertEquals(Set.of("geese", "goose"), words.synonyms("geese"));
        assertEquals(Set.of("bigger", "big", "large"), words.synonyms("bigger"));
        assertEquals(Set.of("motor_car"), words.synonyms("motor_car"));
    }

    @Test
    void synonymsCountAsEqualWords() {
        // One chunk of two words.
        assertEquals(0.9375, score("big car", "big auto"), ROUNDING);
        assertEquals(0.25, GraderObjects.score(grader(""), "{'wanted': 'big car'}", "big auto"));
    }

    @Test
    void equalWordsComeFirst() {
        // The last word takes its equal, and "auto" is left for the first: two chunks of two.
        assertEquals(0.5, score("car auto", "car car"), ROUNDING);
        assertEquals(0.9375, score("auto car", "car car"), ROUNDING);
    }

    @Test
    void aStemThatIsNoWordHasNoSynonyms() {
        // "purchase" is stemmed to "purchas", which only its own stem equals.
        assertEquals(0, score("purchase", "buy"), ROUNDING);
    }

    @Test
    void saysWhatIsMissing() throws IOException {
        Files.delete(folder.resolve("index.verb"));
        String message =
                assertThrows(GraderException.class, () -> score("a", "b")).getMessage();
        assertTrue(
                String.valueOf(message).contains("verb files")
                        && String.valueOf(message).contains("index.noun"),
                message);
    }

    @Test
    void otherMetricsKnowNone() {
        String message = assertThrows(
                        GraderException.class,
                        () -> GraderObjects.grader("{'type': 'text_similarity', 'input': 'a', 'reference': 'b',"
                                + " 'evaluation_metric': 'bleu', 'wordnet': '" + folder + "'}"))
                .getMessage();
        assertTrue(String.valueOf(message).contains("only the metric meteor knows synonyms"), message);
    }

    @Test
    void agreesWithNltkOnTheRealDictionary() throws IOException {
        assumeTrue(
                Files.exists(INSTALLED.resolve("index.noun")),
                "skipped: no WordNet in " + INSTALLED + " (Debian: wordnet-base)");
        WordNet words = WordNet.read(INSTALLED);
        List<String> different = new ArrayList<>();
        int cases = 0;
        try (InputStream file = Objects.requireNonNull(getClass().getResourceAsStream("meteor-wordnet.jsonl"))) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : text.lines().toList()) {
                JsonNode row = new ObjectMapper().readTree(line);
                double here = Meteor.of(
                        row.get("input").asText(), row.get("reference").asText(), words::synonyms);
                if (Math.abs(here - row.get("score").asDouble()) > ROUNDING) {
                    different.add(here + " for " + line);
                }
                cases++;
            }
        }
        assertEquals(40, cases);
        assertEquals(List.of(), different);
    }
}
