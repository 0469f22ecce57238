package org.reft4j.task.graders;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.reft4j.task.grade.Grader;

/** Text similarities against RapidFuzz, NLTK and rouge-score. */
class SimilarityGoldenTest {
    /** Both sides compute in double precision; the rest is the order of additions. */
    private static final double TOLERANCE = 1e-6;

    /** The metric that each figure of a case belongs to; those that end in _stem have the endings taken off. */
    private static final Map<String, String> METRICS = new TreeMap<>(Map.of(
            "fuzzy_match", "fuzzy_match",
            "bleu_method1", "bleu",
            "gleu", "gleu",
            "meteor", "meteor",
            "rouge1", "rouge_1",
            "rouge2", "rouge_2",
            "rouge3", "rouge_3",
            "rouge4", "rouge_4",
            "rouge5", "rouge_5",
            "rougeL", "rouge_l"));

    private static final Map<String, Grader> GRADERS = graders();

    private static Map<String, Grader> graders() {
        Map<String, Grader> graders = new LinkedHashMap<>();
        METRICS.forEach((figure, metric) -> {
            graders.put(figure, grader(metric, false));
            if (metric.startsWith("rouge")) {
                graders.put(figure + "_stem", grader(metric, true));
            }
        });
        return graders;
    }

    private static Grader grader(String metric, boolean stem) {
        return GraderObjects.grader("{'type': 'text_similarity', 'input': '{{ sample.output_text }}', 'reference':"
                + " '{{ item.wanted }}', 'evaluation_metric': '" + metric + "', 'use_stemmer': " + stem + "}");
    }

    private static void agrees(JsonNode golden, String figure) {
        ObjectNode row = (ObjectNode) GraderObjects.json("{}");
        row.set("wanted", golden.get("reference"));
        double score = GraderObjects.score(
                requireNonNull(GRADERS.get(figure)),
                row.toString(),
                golden.get("input").textValue());
        assertEquals(golden.get(figure).doubleValue(), score, TOLERANCE, () -> figure + " of " + golden);
    }

    @Test
    void everyFigureAgrees() throws IOException {
        List<Executable> checks = new ArrayList<>();
        Map<String, Integer> compared = new TreeMap<>();
        TreeSet<String> unknown = new TreeSet<>();
        for (JsonNode golden : GoldenAnswers.similarities()) {
            golden.fieldNames().forEachRemaining(figure -> {
                if (GRADERS.containsKey(figure)) {
                    compared.merge(figure, 1, Integer::sum);
                    checks.add(() -> agrees(golden, figure));
                } else if (golden.get(figure).isNumber()) {
                    unknown.add(figure);
                }
            });
        }
        System.out.println("golden similarities compared: " + compared
                + (unknown.isEmpty() ? "" : "; figures not known yet: " + unknown));
        assertAll(checks);
    }

    @Test
    void aWrongFigureIsSeen() throws IOException {
        ObjectNode wrong = GoldenAnswers.similarities().getFirst().deepCopy();
        wrong.put("gleu", wrong.get("gleu").doubleValue() + 2 * TOLERANCE);
        assertThrows(AssertionError.class, () -> agrees(wrong, "gleu"));
    }
}
