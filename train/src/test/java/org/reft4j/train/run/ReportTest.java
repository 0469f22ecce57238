package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.rollout.Kept;

class ReportTest {
    private static final String HOSTILE =
            "</script><script>document.title='owned'</script><!--<script> \u2028 {{data}} &amp;";

    @TempDir
    private Path temporary;

    @Test
    void dataCanOnlyEndWhereItEnds() throws IOException {
        Path html = write(hostileRun(), Optional.empty());
        String page = Files.readString(html);
        Matcher data = Pattern.compile("<script type=\"application/json\" id=\"data\">(.*?)</script>")
                .matcher(page);
        assertTrue(data.find());
        JsonNode contents = new ObjectMapper().readTree(data.group(1));
        assertEquals(HOSTILE, contents.at("/runs/0/rollouts/0/text").asText());
        assertFalse(page.contains("owned'</script>"));
        assertTrue(page.contains("<title>&lt;b&gt; &amp; run · reft4j</title>"));
    }

    @Test
    void needsNoOtherFile() throws IOException {
        String page = Files.readString(write(story(), Optional.of(SampleReport.RESULTS)));
        assertFalse(
                Pattern.compile("(src|href)\\s*=\\s*[\"'](?!#)").matcher(page).find());
        assertFalse(Pattern.compile("url\\(|@import|fetch\\(|XMLHttpRequest")
                .matcher(page)
                .find());
        assertFalse(page.contains("{{"), "an unfilled part");
    }

    @Test
    void longRunsStayReadable() throws IOException {
        RunReader run = RunReader.of(SampleReport.story(temporary.resolve("long"), new StoryRecipe(5, 750, 150, 8)));
        Path html = temporary.resolve("long.html");
        Report.write(List.of(new Report.Labelled("one", run), new Report.Labelled("two", run)), html, Optional.empty());
        assertTrue(Files.size(html) < 3_500_000, "bytes " + Files.size(html));
        String page = Files.readString(html);
        JsonNode first = new ObjectMapper()
                .readTree(page.substring(
                        page.indexOf("id=\"data\">") + 10, page.indexOf("</script>", page.indexOf("id=\"data\">"))))
                .at("/runs/0");
        assertEquals(1, first.at("/rollouts/0/step").asInt());
        assertEquals(
                750,
                first.at("/rollouts/" + (first.path("rollouts").size() - 1) + "/step")
                        .asInt());
        assertEquals(12_000, first.path("rolloutTotal").asInt());
        assertEquals(375, first.at("/metrics/reward/steps").size());
        assertEquals(750, first.at("/metrics/reward/steps/374").asInt());
    }

    @Test
    void spreadKeepsBothEnds() {
        assertEquals(List.of(1, 2, 3), ReportExcerpt.spread(List.of(1, 2, 3), 5));
        assertEquals(List.of(1, 3, 5), ReportExcerpt.spread(List.of(1, 2, 3, 4, 5), 3));
        assertEquals(List.of(5), ReportExcerpt.spread(List.of(1, 2, 3, 4, 5), 1));
    }

    @Test
    void resultsThatAreNotJsonAreRefused() {
        RunReader run = story();
        assertThrows(RunException.class, () -> write(run, Optional.of("{")));
    }

    @Test
    void drawsInABrowser() throws IOException, InterruptedException {
        Optional<Path> browser = browser();
        Assumptions.assumeTrue(
                browser.isPresent(),
                "no chromium, chromium-browser or google-chrome on the PATH: the page is not drawn");
        String dom = draw(browser.orElseThrow(), write(story(), Optional.of(SampleReport.RESULTS)));
        assertTrue(dom.contains("data-drawn=\"true\""), "script did not come to its end");
        assertFalse(dom.contains("data-failed"), "part of the page failed");
        assertEquals(3, count(dom, "<tr data-result="));
        assertTrue(count(dom, "<canvas") >= 12, "canvases " + count(dom, "<canvas"));
        assertEquals(40, count(dom, "<tr class=\"row\""));
        assertTrue(dom.contains("The same question over the steps"));

        String hostile = draw(browser.orElseThrow(), write(hostileRun(), Optional.empty()));
        assertTrue(hostile.contains("data-drawn=\"true\""));
        assertFalse(hostile.contains("data-failed"));
        assertFalse(hostile.contains("<title>owned"));
        assertEquals(1, count(hostile, "<tr class=\"row\""));
    }

    @Test
    void drawsARunThatHasOnlyBegun() throws IOException, InterruptedException {
        Optional<Path> browser = browser();
        Assumptions.assumeTrue(
                browser.isPresent(),
                "no chromium, chromium-browser or google-chrome on the PATH: the page is not drawn");
        Path folder = temporary.resolve("begun");
        try (RunFolder run = RunFolder.open(folder, "recipe: sft\n", Map.of(), false, List.of())) {
            assertTrue(run.latest().isEmpty());
        }
        String dom = draw(browser.orElseThrow(), write(RunReader.of(folder), Optional.empty()));
        assertTrue(dom.contains("data-drawn=\"true\""));
        assertFalse(dom.contains("data-failed"));
    }

    /** The axis of a constant figure begins at 0 and does not zoom into rounding. */
    @Test
    void aFlatCurveHasASensibleAxis() throws IOException, InterruptedException {
        Optional<Path> node = program(List.of("node", "nodejs"));
        Assumptions.assumeTrue(node.isPresent(), "no node on the PATH: the script's axes are not computed");
        String script = Report.resource("report-page.js");
        int from = script.indexOf("function spanOf");
        String spanOf = script.substring(from, script.indexOf("\n}\n", from) + 3);
        String shown = spanOf
                + "const uPlot = { rangeNum: (low, high) => ['rangeNum', low, high] };"
                + "console.log(JSON.stringify([spanOf(1, 1), spanOf(0, 0), spanOf(0, 0, 100), spanOf(-2, -2),"
                + " spanOf(0.3, 0.3 + 1e-12), spanOf(null, null), spanOf(0, 1)]));";
        Process process = new ProcessBuilder(node.orElseThrow().toString(), "-e", shown)
                .redirectErrorStream(true)
                .start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        assertEquals(0, process.waitFor(), printed);
        assertEquals("[[0,1.2],[0,1],[0,100],[-2.4,0],[0,0.36],[0,1],[\"rangeNum\",0,1]]", printed);
    }

    /** A run without rewards has no scale next to one with rewards. */
    @Test
    void captionsLeaveOutRunsThatAreNotPaid() throws IOException, InterruptedException {
        Optional<Path> browser = browser();
        Assumptions.assumeTrue(
                browser.isPresent(),
                "no chromium, chromium-browser or google-chrome on the PATH: the page is not drawn");
        Path folder = temporary.resolve("supervised");
        try (RunFolder run = RunFolder.open(folder, "grader: {type: math, correct: 7}\n", Map.of(), false, List.of())) {
            run.emit(new RunEvent.Stepped(1, 1, Map.of("loss", 1.0), Map.of()));
        }
        Path html = temporary.resolve("both.html");
        Report.write(
                List.of(new Report.Labelled("sft", RunReader.of(folder)), new Report.Labelled("reft", story())),
                html,
                Optional.empty());
        String dom = draw(browser.orElseThrow(), html);
        assertTrue(dom.contains("mean of the rollouts of a step: 1 right, 0.1 wrong, 0 without answer<"), dom);
    }

    /** On a telephone the page does not scroll sideways, and a score's reason has the width of the page. */
    @Test
    void fitsATelephone() throws IOException, InterruptedException {
        Optional<Path> browser = browser();
        Assumptions.assumeTrue(
                browser.isPresent(),
                "no chromium, chromium-browser or google-chrome on the PATH: the page is not drawn");
        Path folder = temporary.resolve("scored");
        String reason = "sums: 2 of 3 equations are right; right: " + "x".repeat(200);
        try (RunFolder run = RunFolder.open(folder, "grader: {type: math}\n", Map.of(), true, List.of())) {
            run.emit(new RunEvent.RolledOut(
                    1,
                    List.of(Kept.row(1, "q", 0, "How many?", "7", "seven", 3, "scored", reason, 0.1, "length", null))));
        }
        RunReader story = story();
        Path page = temporary.resolve("report.html");
        Report.write(
                List.of(
                        new Report.Labelled("scored", RunReader.of(folder)),
                        new Report.Labelled("story", story),
                        new Report.Labelled("again", story)),
                page,
                Optional.of(SampleReport.RESULTS));
        Files.writeString(
                page,
                Files.readString(page)
                        + "<script>parent.postMessage([document.documentElement.scrollWidth, document.documentElement.clientWidth,"
                        + " Math.round(document.querySelector('#rows .why').getBoundingClientRect().width)].join(' '), '*')</script>");
        // A browser's own window is never as narrow as that.
        Path frame = temporary.resolve("frame.html");
        Files.writeString(
                frame,
                "<script>onmessage = event => document.title = event.data</script>"
                        + "<iframe width=400 height=4000 style='border:0' src=report.html></iframe>");
        String dom = draw(browser.orElseThrow(), frame);
        Matcher title = Pattern.compile("<title>(\\d+) (\\d+) (\\d+)</title>").matcher(dom);
        assertTrue(title.find(), dom);
        assertTrue(Integer.parseInt(title.group(2)) <= 400, title.group(2));
        assertEquals(title.group(2), title.group(1), "the page is wider than its window");
        assertTrue(Integer.parseInt(title.group(3)) > 340, "the reason is " + title.group(3) + " wide");
    }

    @Test
    void captionsTellTheGradersOwnScale() {
        assertEquals(new RewardScale("1 right, 0.1 wrong, 0 without answer", ""), scale("paper", "recipe: reft\n"));
        assertEquals(
                new RewardScale("1 right, 0.1 wrong, 0 without answer", ""),
                scale("written", "reward: {correct: 1.0, wrong: 0.1, no-answer: 0.0}\n"));
        assertEquals(
                new RewardScale("the grader's 0.9 * right + 0.1 * sums", "right is a score of 0.5 or more"),
                scale("formula", "grader: {type: multi, graders: {}, calculate_output: 0.9 * right + 0.1 * sums}\n"));
        assertEquals(
                new RewardScale("5 right, 2 wrong, 0 without answer", "right is a score of 5 or more"),
                scale("answer", "grader: {type: answer, correct: 5, wrong: 2}\n"));
        assertEquals(
                new RewardScale("scores of a model, from 0 to 10", "right is a score of 5 or more"),
                scale("model", "grader: {type: score_model, range: [0, 10]}\n"));
        assertEquals(
                new RewardScale("as the run's grader scores them: tidy", "right is a score of 0.9 or more"),
                scale("multi", "grader: {type: multi, name: tidy, pass_threshold: 0.9}\n"));
        assertEquals(
                new RewardScale("paid by control: random, not by the grader", ""),
                scale("control", "control: random\n"));
    }

    private RewardScale scale(String name, String config) {
        Path folder = temporary.resolve(name);
        try (RunFolder run = RunFolder.open(folder, config, Map.of(), false, List.of())) {
            assertTrue(run.latest().isEmpty());
        }
        return RewardScale.of(RunReader.of(folder));
    }

    private RunReader story() {
        return RunReader.of(SampleReport.story(temporary.resolve("story"), new StoryRecipe(3, 20, 5, 4)));
    }

    private RunReader hostileRun() {
        Path folder = temporary.resolve("hostile");
        try (RunFolder run = RunFolder.open(folder, "name: '</script>'\n", Map.of(), true, List.of())) {
            run.emit(new RunEvent.RolledOut(
                    1,
                    List.of(Kept.row(
                            1, HOSTILE, 0, HOSTILE, HOSTILE, HOSTILE, 3, "wrong", HOSTILE, 0.1, "length", null))));
            run.emit(new RunEvent.Warned(1, HOSTILE));
        }
        return RunReader.of(folder);
    }

    private Path write(RunReader run, Optional<String> results) {
        Path html = temporary.resolve("report.html");
        Report.write(List.of(new Report.Labelled("<b> & run", run)), html, results);
        return html;
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }

    private static Optional<Path> browser() {
        return program(List.of("chromium", "chromium-browser", "google-chrome"));
    }

    private static Optional<Path> program(List<String> names) {
        List<Path> found = new ArrayList<>();
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            for (String name : names) {
                Path candidate = Path.of(folder, name);
                if (Files.isExecutable(candidate)) {
                    found.add(candidate);
                }
            }
        }
        return found.stream().findFirst();
    }

    private String draw(Path browser, Path html) throws IOException, InterruptedException {
        Path dom = temporary.resolve("dom.html");
        Process process = new ProcessBuilder(
                        browser.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--user-data-dir=" + temporary.resolve("profile"),
                        "--window-size=1280,4000",
                        "--virtual-time-budget=5000",
                        "--dump-dom",
                        html.toUri().toString())
                .redirectOutput(dom.toFile())
                .redirectError(temporary.resolve("browser.log").toFile())
                .start();
        assertTrue(process.waitFor(90, TimeUnit.SECONDS), "the browser did not end");
        return Files.readString(dom);
    }
}
