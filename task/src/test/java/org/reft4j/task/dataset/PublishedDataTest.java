package org.reft4j.task.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The published files, where they lie beside the project: as many questions as their authors count. */
class PublishedDataTest {
    private static final Path DATA = Path.of(System.getProperty("reft4j.root", "."), "..", "shared", "data");

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
