package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

    @Test
    void whatCannotRunIsRefusedBeforeTheFirstRun() throws IOException {
        Path file = TinyGrid.write(folder, """
                name: tiny
                seeds: [1]
                rungs:
                  - {name: warmup, recipe: warmup.yaml, set: {data.options.validation: 0}}
                  - {name: odd, recipe: reft.yaml, from: warmup, set: {ppo.minibatch: 3}}
                  - {name: unknown, recipe: reft.yaml, from: warmup, set: {ppo.klee: 1}}
                  - {name: lost, recipe: warmup.yaml, set: {data.path: absent}}
                  - {name: graded, recipe: reft.yaml, from: warmup, set: {grader: {type: nonsense}}}
                  - {name: large, recipe: warmup.yaml, set: {model.new.width: 65536, model.new.layers: 999}}
                  - {name: large-too, recipe: reft.yaml, from: large}
                """);
        Cli refused = Cli.run("experiment", file, "--out", folder.resolve("out"));
        assertEquals(2, refused.status());
        for (String part : List.of(
                "rung warmup: data has no validation questions",
                "rung odd: ",
                "ppo.minibatch",
                "rung unknown: ",
                "ppo.klee",
                "rung lost: ",
                "rung graded: ",
                "nonsense",
                "rung large: the run needs about",
                "rung large-too: the run needs about",
                "checkpoints need about")) {
            assertTrue(refused.err().contains(part), part + " in\n" + refused.err());
        }
        assertFalse(Files.exists(folder.resolve("out")), "nothing was begun");
        Cli without = Cli.run("experiment");
        assertEquals(2, without.status());
        assertTrue(without.err().contains("FILE is missing"), without.err());
    }
}
