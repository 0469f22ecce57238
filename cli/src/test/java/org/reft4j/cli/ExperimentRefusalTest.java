package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults that would end an experiment hours later are reported before its first run. */
class ExperimentRefusalTest {
    @TempDir
    private Path folder;

    /** Every model that a rung reads is looked at, not only the one that it starts from. */
    @Test
    void aBaseThatIsNoModelIsRefusedBeforeTheFirstRun() throws IOException {
        Path file = TinyGrid.write(folder, """
                name: based
                seeds: [7]
                rungs:
                  - {name: warmup, recipe: warmup.yaml}
                  - {name: offline, recipe: offline.yaml, from: warmup}
                """);
        Path out = folder.resolve("out");
        ExperimentCommandTest.refused(
                file, out, "rung offline: " + folder.resolve("offline.yaml") + ":3: base.path is no/such/model");

        Path empty = Files.createDirectories(folder.resolve("no/such/model"));
        ExperimentCommandTest.refused(file, out, "rung offline: " + empty);
        assertFalse(Files.exists(out), "nothing is trained before");
    }

    /** Each would end an experiment hours later. */
    @Test
    void whatARungCannotGiveAnotherIsSaidBeforeTheFirstRun() throws IOException {
        String wide = "{layers: 1, width: 32, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}";
        Path file = TinyGrid.write(folder, """
                name: unfit
                seeds: [7]
                rungs:
                  - {name: warmup, recipe: warmup.yaml}
                  - {name: wide, recipe: warmup.yaml, shown: false, set: {model.new: WIDE}}
                  - {name: sampled, recipe: reft.yaml, from: wide, shown: false}
                  - {name: judge, recipe: judge.yaml, from: wide, samples: sampled, shown: false}
                  - {name: regression, recipe: regression.yaml, from: warmup, samples: warmup}
                  - {name: judged, recipe: reft.yaml, from: judge}
                  - {name: ranked, recipe: reft.yaml, from: warmup, vote: 2, rerank: judge}
                """.replace("WIDE", wide));
        Path out = folder.resolve("out");
        for (String problem : List.of(
                "3 problems:",
                "rung regression: samples names warmup, which samples nothing while it trains",
                "rung judged: from names judge, a reward model, which writes nothing",
                "rung ranked: rerank names judge, a reward model of another base")) {
            ExperimentCommandTest.refused(file, out, problem, "--dry-run");
        }
    }
}
