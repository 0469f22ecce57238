package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Split;
import org.reft4j.task.dataset.SplitRule;

/** The published files, where they lie beside the project: as many questions as their authors count. */
class PublishedDataTest {
    private static final Path DATA = Path.of(System.getProperty("reft4j.root", "."), "..", "shared", "data");

    /** The recipes' split: once numbers are masked, no validation question stands in train; of the split before it 50 of 210 did. */
    @ParameterizedTest
    @CsvSource({"PROGRAM, 3043", "PROSE, 3076"})
    void noneOfSvampsValidationIsInTrainButForItsNumbers(Cot cot, int questions) {
        Path data = DATA.resolve("svamp");
        assumeTrue(Files.exists(data), () -> "skipped: no published data at " + data.normalize());
        DataConfig config = new DataConfig("svamp", data.toString(), cot, 200, 42, 0, 0, Map.of());
        Dataset read = Datasets.open(config);
        assertEquals(questions, read.train().size() + read.validation().size());
        assertEquals(200, read.validation().size(), 4, "give or take half a group of alike ones");
        Overlap validation = Overlap.of(read, Split.VALIDATION);
        assertEquals(List.of(0, 0), List.of(validation.same(), validation.twins()));
        Overlap test = Overlap.of(read, Split.TEST);
        assertEquals(List.of(1000, 0, 0), List.of(test.questions(), test.same(), test.twins()));
        Overlap before = Overlap.of(Datasets.open(config, SplitRule.BY_TEXT), Split.VALIDATION);
        if (cot == Cot.PROGRAM) {
            assertEquals(List.of(210, 50), List.of(before.questions(), before.twins()), "as the review counted them");
            assertEquals(26, before.same());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "svamp, PROSE, svamp, 3076, 1000",
        "svamp, PROGRAM, svamp, 3043, 1000",
        "gsm8k, PROSE, gsm8k, 7473, 1319",
        "mathqa, PROGRAM, mathqa, 0, 1605",
        "mathqa/mathqa-numeric_test_set.json, PROSE, mathqa-numeric, 0, 1605",
        "gsm8k/test.jsonl, PROGRAM, gsm8k, 0, 1319",
        "svamp/SVAMP.json, PROSE, svamp, 0, 1000",
    })
    void areReadWhole(String path, Cot cot, String name, int train, int test) {
        Path data = DATA.resolve(path);
        assumeTrue(Files.exists(data), () -> "skipped: no published data at " + data.normalize());
        Dataset read = Datasets.open(data.toString(), cot);
        assertEquals(name, read.name());
        assertEquals(
                List.of(train, test),
                List.of(
                        read.train().size() + read.validation().size(),
                        read.test().size()));
        assertEquals(train > 0, !read.validation().isEmpty());
        read.train()
                .forEach(question -> assertTrue(read.template().target(question).length() > 5, question::id));
        assertEquals(
                name.equals("mathqa"),
                read.test().stream().allMatch(question -> question.answer() instanceof Answer.Choice));
    }
}
