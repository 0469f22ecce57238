package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.train.run.RunReader;

/** A whole experiment, killed and resumed, reported and compared. */
class ExperimentCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void runsResumesAndReports() throws IOException {
        Path file = TinyGrid.write(folder);
        Path out = folder.resolve("out");

        JsonNode plan = Cli.run("experiment", file, "--out", out, "--dry-run", "--json")
                .done()
                .json();
        assertEquals(3, plan.path("rungs").size());
        assertEquals(2, plan.path("rungs").path(1).path("steps").asInt());
        assertFalse(Files.exists(out), "a dry run leaves nothing behind");

        Cli first = Cli.run("experiment", file, "--out", out, "--json").done();
        assertTrue(first.err().contains("run 1 of 6: warmup, seed 1"), first.err());
        assertTrue(first.err().contains("run 6 of 6: chance, seed 2, about "), first.err());
        JsonNode results = first.json();
        reports(out, results);

        Path run = out.resolve("reft/seed-2");
        String metrics = Files.readString(run.resolve("metrics.jsonl"));
        String test = Files.readString(run.resolve("test.json"));
        String date = JSON.readTree(test).path("date").asText();
        assertTouched(results.path("touched").asText(), date);

        // As if killed in the second step of one run, and before the last run and the test.
        DurableFiles.deleteTree(run.resolve("checkpoints/step-000002"));
        cutFrom(run.resolve("metrics.jsonl"), "\"step\":2");
        cutFrom(run.resolve("timings.jsonl"), "\"step\":2");
        Files.delete(run.resolve("test.json"));
        // The samples of its votes as a process leaves them that was stopped before the first was written.
        Files.writeString(run.resolve("samples/samples.jsonl"), "");
        DurableFiles.deleteTree(out.resolve("chance/seed-2"));
        Cli again = Cli.run("experiment", file, "--out", out, "--json").done();
        assertFalse(again.err().contains("run 1 of 6"), "what is done is taken as it is");
        assertTrue(again.err().contains("run 5 of 6: reft, seed 2"), again.err());
        assertEquals(metrics, Files.readString(run.resolve("metrics.jsonl")));
        assertEquals(
                JSON.readTree(test).path("evaluation").path("answers"),
                JSON.readTree(run.resolve("test.json").toFile())
                        .path("evaluation")
                        .path("answers"));
        assertEquals(results.path("comparisons"), again.json().path("comparisons"));

        // On resume the test is never touched again.
        Files.writeString(run.resolve("test.json"), test);
        Cli third = Cli.run("experiment", file, "--out", out).done();
        assertFalse(third.err().contains("test questions, once"), third.err());
        assertEquals(test, Files.readString(run.resolve("test.json")));

        refusesOtherSettings(file, out);
        Files.writeString(
                run.resolve("test.json"),
                test.replaceFirst("\"grader\" ?: ?\"answer\"", "\"grader\":{\"type\":\"mine\"}"));
        refused(file, out, "test.json was graded by {\"type\":\"mine\"}, and the baseline's grader is \"answer\"");
        Files.writeString(run.resolve("test.json"), test);
        refusesHalfCopies(file, out);
        compares(out);
    }

    /** The report says when the test was touched. */
    private static void assertTouched(String touched, String date) {
        List<String> said = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:]+Z")
                .matcher(touched)
                .results()
                .map(MatchResult::group)
                .toList();
        assertTrue(said.getFirst().compareTo(date) <= 0 && said.getLast().compareTo(date) >= 0, touched);
    }

    @Test
    void aPartRunsAloneAndTheRestLater() throws IOException {
        Path file = TinyGrid.write(folder);
        Path out = folder.resolve("out");
        Cli part = Cli.run("experiment", file, "--out", out, "--seeds", "2", "--rungs", "reft", "--json")
                .done();
        assertTrue(part.err().contains("run 2 of 2: reft, seed 2"), part.err());
        assertEquals("[2]", part.json().path("seeds").toString());
        assertEquals(List.of("warmup", "reft"), part.json().path("lines").findValuesAsText("label"));

        // A seed that the file has not; then all of the file, where what is done stays.
        Cli.run("experiment", file, "--out", out, "--seeds", "9", "--rungs", "warmup")
                .done();
        String record = Files.readString(out.resolve("experiment.json"));
        assertTrue(record.replaceAll("\\s", "").contains("\"seeds\":[1,2]"), record);
        Cli all = Cli.run("experiment", file, "--out", out, "--json").done();
        assertFalse(all.err().contains("reft, seed 2, about"), all.err());
        assertTrue(all.err().contains("run 6 of 6: chance, seed 2"), all.err());

        Files.writeString(file, Files.readString(file).replace("vote: 2", "vote: 3"));
        Cli other = Cli.run("experiment", file, "--out", out, "--rungs", "reft");
        assertEquals(2, other.status(), other.out());
        assertTrue(other.err().contains("rung reft: vote was 2, is 3"), other.err());
        Cli nobody = Cli.run("experiment", file, "--out", out, "--rungs", "nobody");
        assertEquals(2, nobody.status(), nobody.out());
        assertTrue(nobody.err().contains("--rungs is nobody; expected rungs of the file"), nobody.err());
    }

    /** One setting for all rungs, over what each has of its own; for those that do not know it, a refusal before anything runs. */
    @Test
    void aSettingMayGoOverThoseOfEveryRung() throws IOException {
        Path file = TinyGrid.write(folder);
        Path out = folder.resolve("out");
        JsonNode plan = Cli.run(
                        "experiment",
                        file,
                        "--out",
                        out,
                        "--dry-run",
                        "--json",
                        "--set",
                        "data.options.annotated=4",
                        "--set",
                        "data.options.answers=9")
                .done()
                .json();
        assertEquals(1, plan.path("rungs").path(0).path("steps").asInt(), "4 rows / 4 a batch");
        refused(file, out, "unknown key batch", "--set", "batch=2");
        refused(file, out, "--set is batch; expected KEY=VALUE", "--set", "batch");
        refused(file, out, "--set is seed=3; expected any key but seed", "--set", "seed=3");
        Files.writeString(file, Files.readString(file) + "sweep: {key: steps, values: [1, 2], rungs: [chance]}\n");
        refused(file, out, "--set is steps=3; expected any key but the one that the file sweeps", "--set", "steps=3");
        assertFalse(Files.exists(out), "what is refused leaves nothing behind");
    }

    @Test
    void aRungLearnsFromTheSamplesOfAnother() throws IOException {
        Path file = TinyGrid.write(folder, """
                name: stored
                seeds: [7]
                rungs:
                  - {name: warmup, recipe: warmup.yaml}
                  - {name: reft, recipe: reft.yaml, from: warmup}
                  - name: regression
                    recipe: regression.yaml
                    from: warmup
                    samples: reft
                    set: {samples.mismatch: accept, regression.weights: reward}
                """);
        Path out = folder.resolve("out");
        Cli plan = Cli.run("experiment", file, "--out", out, "--dry-run").done();
        assertTrue(plan.out().lines().anyMatch(line -> line.matches("regression +1 +[?] .*")), plan.out());
        Cli ran = Cli.run("experiment", file, "--out", out, "--json").done();
        assertEquals(3, ran.json().path("lines").size(), ran.err());
        String settings = Files.readString(out.resolve("regression/seed-7/config.yaml"));
        assertTrue(settings.contains(out.resolve("reft/seed-7").toAbsolutePath().toString()), settings);

        Files.writeString(file, Files.readString(file).replace("samples: reft", "samples: nobody"));
        refused(file, out, "rungs[2].samples is \"nobody\"; expected the name of a rung before it");
    }

    @Test
    void aRewardModelRanksTheSamplesOfARung() throws IOException {
        String grid = """
                name: ranked
                seeds: [7]
                rungs:
                  - {name: warmup, recipe: warmup.yaml, vote: 2, rerank: judge}
                  - {name: sampled, recipe: reft.yaml, from: warmup, shown: false, set: {grader: {type: string_check, operation: ilike, input: '{{sample.output_text}}', reference: qu}, rollout.samples: 8, ppo.minibatch: 16}}
                  - {name: judge, recipe: judge.yaml, from: warmup, samples: sampled, shown: false}
                """;
        Path file = TinyGrid.write(folder, grid);
        Path out = folder.resolve("out");
        refused(file, out, "rungs[0].rerank is \"judge\"; expected the name of a rung before it (there is none)");

        List<String> lines = grid.lines().toList();
        String ordered = String.join("\n", lines.get(0), lines.get(1), lines.get(2));
        String first = "  - {name: warmup, recipe: warmup.yaml}";
        String last = "  - {name: reft, recipe: reft.yaml, from: warmup, vote: 2, rerank: judge}";
        Files.writeString(file, String.join("\n", ordered, first, lines.get(4), lines.get(5), last));
        Cli ran = Cli.run("experiment", file, "--out", out, "--json").done();
        JsonNode votes = ran.json().path("lines").path(1).path("votes");
        assertEquals(2, votes.size(), ran.err());
        assertTrue(votes.path(1).path("rerank").path("mean").isNumber(), votes.toString());
        assertTrue(votes.path(1).path("weighted-vote").path("mean").isNumber(), votes.toString());
        String report = Files.readString(out.resolve("report.md"));
        assertTrue(report.contains("| reft | 2 | ") && report.contains("| reft (reranked of 2) | reft | "), report);
        String scores = scores(out);

        Cli again = Cli.run("experiment", file, "--out", out, "--json").done();
        assertFalse(again.err().contains("test questions, once"), "what is scored is not scored again");
        Files.delete(out.resolve("reft/seed-7/samples").resolve(scoreFile(out)));
        Cli third = Cli.run("experiment", file, "--out", out, "--json").done();
        assertTrue(third.err().contains("test questions, once: reft"), third.err());
        assertEquals(scores, scores(out));

        Path elsewhere = folder.resolve("elsewhere");
        Files.writeString(
                file,
                String.join("\n", ordered, first, lines.get(4), lines.get(5).replace(", shown: false", "")));
        refused(file, elsewhere, "rung judge: a reward model answers no questions; say shown: false");
        Files.writeString(
                file, String.join("\n", ordered, first, lines.get(4), last.replace("rerank: judge", "rerank: warmup")));
        refused(file, elsewhere, "rung reft: rerank names warmup, which is no reward model");
    }

    @Test
    void aRunThatDivergesEndsThereAndTheOthersGoOn() throws IOException {
        Path file = TinyGrid.write(folder, """
                name: diverging
                seeds: [7]
                rungs:
                  - {name: warmup, recipe: warmup.yaml}
                  - {name: reft, recipe: reft.yaml, from: warmup, set: {guards.entropy-stop: 100, guards.entropy-warn: 100}}
                  - {name: after, recipe: reft.yaml, from: warmup}
                """);
        Path out = folder.resolve("out");
        Cli ran = Cli.run("experiment", file, "--out", out, "--json").done();
        assertEquals(3, ran.json().path("lines").size(), ran.err());
        assertTrue(
                ran.json()
                        .path("reliability")
                        .toString()
                        .contains("measured by the best checkpoint until then: reft (seed 7)"),
                ran.json().path("reliability").toString());
        assertEquals("[7]", ran.json().path("lines").path(1).path("diverged").toString());
        assertTrue(ran.json().path("lines").path(1).path("end").isNull(), "it never got to the end");
        assertTrue(ran.err().contains("the policy collapsed: token entropy"), ran.err());
        Cli again = Cli.run("experiment", file, "--out", out).done();
        assertFalse(again.err().contains("run 2 of 3"), "it is not begun again: " + again.err());
    }

    /** An experiment is not begun, for a reason. */
    static void refused(Path file, Path out, String why, String... options) {
        Cli refused = Cli.run(Stream.concat(Stream.of("experiment", file, "--out", out), Stream.of(options))
                .toArray());
        assertEquals(2, refused.status());
        assertTrue(refused.err().contains(why), refused.err());
    }

    private static String scoreFile(Path out) throws IOException {
        try (var files = Files.list(out.resolve("reft/seed-7/samples"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("scores-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String scores(Path out) throws IOException {
        return Files.readString(out.resolve("reft/seed-7/samples").resolve(scoreFile(out)));
    }

    private static void reports(Path out, JsonNode results) throws IOException {
        assertEquals(3, results.path("lines").size());
        assertEquals(
                List.of("warmup > reft", "warmup > chance", "chance > reft", "reft > reft (vote of 2)"),
                results.path("comparisons")
                        .valueStream()
                        .map(pair -> pair.path("first").asText() + " > "
                                + pair.path("second").asText())
                        .toList());
        assertEquals(12, results.path("lines").path(1).path("total").asInt(), "6 questions, 2 seeds");
        assertEquals(
                8, results.path("lines").path(1).path("cost").path("samples").asInt(), "2 x 2 in each of 2 steps");
        assertEquals(3, results.path("lines").path(1).path("curve").size(), "measured before, after step 1 and 2");
        assertTrue(results.path("lines").path(2).path("control").asBoolean());
        assertEquals(2, results.path("lines").path(1).path("votes").size(), "k = 1 and 2");
        String text = Files.readString(out.resolve("report.md"));
        assertTrue(text.contains("| reft |") && text.contains("| chance (control) |"), text);
        assertTrue(text.contains("2 seeds: an interval that draws seeds anew has few to draw from"), text);
        String page = Files.readString(out.resolve("report.html"));
        assertTrue(page.contains("\"method\":\"bootstrap over seeds and questions\""));
        assertFalse(page.contains("{{data}}"), "the template is filled");
        for (String name : List.of("accuracy", "curves-steps", "curves-samples", "curves-tokens", "curves-seconds")) {
            String svg = Files.readString(out.resolve(name + ".svg"));
            assertTrue(svg.contains("reft") && !svg.contains("NaN"), svg);
        }
        assertEquals(4, Files.readAllLines(out.resolve("table.csv")).size());
        assertEquals(5, Files.readAllLines(out.resolve("comparisons.csv")).size());
    }

    private static void refusesOtherSettings(Path file, Path out) throws IOException {
        Path edited = file.resolveSibling("edited.yaml");
        String grid = Files.readString(file);
        Files.writeString(
                edited, grid.replace("vote: 2}", "vote: 2, set: {ppo.kl: 0.5}}").replace("[1, 2]", "[1, 3]"));
        Cli refused = Cli.run("experiment", edited, "--out", out);
        assertEquals(2, refused.status());
        assertTrue(refused.err().contains("rung reft: ppo.kl was 0.05, is 0.5"), refused.err());
        assertTrue(refused.err().contains("seed 2 is gone"), refused.err());

        Files.writeString(edited, grid + "  - {name: more, recipe: warmup.yaml}\n");
        Cli added = Cli.run("experiment", edited, "--out", out).done();
        assertTrue(added.err().contains("run 4 of 8: more, seed 1"), added.err());
        Cli removed = Cli.run("experiment", file, "--out", out);
        assertTrue(removed.err().contains("rung more is gone"), removed.err());
    }

    private static void refusesHalfCopies(Path file, Path out) throws IOException {
        Path edited = file.resolveSibling("edited.yaml");
        Path run = out.resolve("chance/seed-1");
        for (String part : List.of("checkpoints/step-000002/model.safetensors", "config.yaml", "samples.json")) {
            Path source =
                    part.equals("samples.json") ? out.resolve("reft/seed-1/samples/samples.json") : run.resolve(part);
            Path moved = Files.move(source, out.resolve("aside"));
            refused(edited, out, part + " is missing", "--dry-run");
            Files.move(moved, source);
        }
        Path best = RunReader.of(run).chosen().orElseThrow().folder();
        Path kept = Files.move(best, out.resolve("aside"));
        refused(edited, out, "the checkpoint that validation chose, is missing", "--dry-run");
        Cli lost = Cli.run("evaluate", "--model", run, "--data", "wordproblems:test=2", "--cot", "n");
        assertEquals(2, lost.status());
        assertTrue(lost.err().contains("has lost the checkpoint that validation chose"), lost.err());
        Files.move(kept, best);
        Path record = out.resolve("experiment.json");
        String whole = Files.readString(record);
        for (String damage : List.of("{}", whole.substring(0, whole.length() / 2))) {
            Files.writeString(record, damage);
            refused(edited, out, "experiment.json is damaged; restore it", "--dry-run");
        }
        Files.writeString(record, whole);
        refused(edited, edited, "expected a folder, which may be new");
        Path state = out.resolve("chance/seed-1/checkpoints/step-000002/trainer/state.safetensors");
        Path aside = Files.move(state, out.resolve("aside"));
        Cli half = Cli.run("experiment", edited, "--out", out);
        assertEquals(2, half.status());
        assertTrue(
                half.err()
                        .contains(
                                "chance/seed-1 is incomplete: checkpoints/step-000002/trainer/state.safetensors is missing"),
                half.err());
        Files.move(aside, state);
    }

    private static void compares(Path out) throws IOException {
        JsonNode compared = Cli.run(
                        "compare",
                        out.resolve("warmup/seed-1"),
                        out.resolve("reft/seed-1"),
                        out.resolve("chance/seed-1"),
                        "--json")
                .done()
                .json();
        assertEquals(6, compared.path("questions").asInt());
        assertEquals(2, compared.path("comparisons").size());
        assertEquals(
                "reft",
                compared.path("comparisons")
                        .path(0)
                        .path("settings")
                        .path("recipe")
                        .path(1)
                        .asText());
        Cli people = Cli.run("compare", out.resolve("reft/seed-1"), out.resolve("chance/seed-1"), "--show", "5")
                .done();
        assertTrue(people.out().contains("control") && people.out().contains("none -> random"), people.out());

        Files.delete(out.resolve("warmup/seed-2/test.json"));
        Cli others = Cli.run("compare", out.resolve("reft/seed-1"), out.resolve("warmup/seed-2"));
        assertEquals(2, others.status());
        assertTrue(others.err().contains("not the same questions"), others.err());
        assertTrue(
                others.err().contains("answered 6 (test)") && others.err().contains("answered 4 (validation)"),
                others.err());
        assertTrue(
                others.err().contains("only in " + out.resolve("reft/seed-1") + ": wordproblems_test"), others.err());
    }

    /** Removes the first line that holds {@code word}, and everything after it. */
    private static void cutFrom(Path file, String word) throws IOException {
        List<String> kept = Files.readAllLines(file).stream()
                .takeWhile(line -> !line.contains(word))
                .toList();
        Files.writeString(file, String.join("\n", kept) + "\n{\"event\":\"st");
    }
}
