package org.reft4j.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.ZipInputStream;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.ground.files.Json;

class DashboardTest {
    private static final String GROUP = "step=12&question=q%261";

    @TempDir
    private static Path data;

    private static Fixture service;

    @BeforeAll
    static void serve() throws IOException {
        service = Fixture.over(data);
    }

    @AfterAll
    static void close() {
        service.close();
    }

    /** Every page that a link leads to is there, and none has anything inline that a browser would run. */
    @Test
    void everyLinkLeadsSomewhere() throws Exception {
        Deque<String> next = new ArrayDeque<>(List.of("/"));
        Set<String> seen = new LinkedHashSet<>(next);
        int pages = 0;
        while (!next.isEmpty()) {
            String path = next.remove();
            HttpResponse<String> reply = service.get(path);
            assertEquals(200, reply.statusCode(), path);
            if (!reply.headers().firstValue("Content-Type").orElse("").startsWith("text/html")) {
                continue;
            }
            pages++;
            Document page = service.page(path);
            assertSafe(reply, page, path);
            for (String link : service.links(page)) {
                // Two rows of a page differ from two others by their number only.
                if (pages < 60 && seen.add(link)) {
                    next.add(link);
                }
            }
        }
        assertTrue(pages > 30, pages + " pages");
        assertTrue(seen.stream().anyMatch(link -> link.contains("/rollout?")), seen::toString);
    }

    private static void assertSafe(HttpResponse<String> reply, Document page, String path) {
        String policy = reply.headers().firstValue("Content-Security-Policy").orElse("");
        assertTrue(policy.contains("default-src 'none'") && !policy.contains("unsafe"), path);
        assertEquals(
                List.of(),
                page.select("script:not([src]), style, [style], img, [onerror], [onclick]")
                        .eachText(),
                path);
        assertTrue(
                page.select("script").stream()
                        .allMatch(script -> script.attr("src").startsWith("/assets/")),
                path);
        assertEquals(1, page.select("h1").size(), path);
        assertEquals("en", page.select("html").attr("lang"), path);
        for (Element field : page.select("input:not([type=hidden]), select, textarea")) {
            boolean named =
                    field.hasAttr("aria-label") || field.parents().stream().anyMatch(parent -> parent.nameIs("label"));
            assertTrue(named, path + ": " + field.outerHtml());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/jobs/first/rollouts",
                "/jobs/first/rollout?" + GROUP + "&sample=0",
                "/jobs/first/rollout?" + GROUP + "&sample=0&colour=ADVANTAGE",
                "/jobs/first/group?" + GROUP,
                "/jobs/first/question?question=q%261",
                "/jobs/first/answers?step=12",
                "/jobs/first/rollouts?text=%3Cscript%3Ealert%28%27owned%27%29",
                "/compare?job=first&job=grid~second",
            })
    void whatModelsWriteIsText(String path) throws Exception {
        HttpResponse<String> reply = service.get(path);
        assertEquals(200, reply.statusCode());
        assertFalse(reply.body().contains("<script>alert"), reply.body());
        assertSafe(reply, service.page(path), path);
    }

    @Test
    void runsOfTheCommandLineAreListed() throws Exception {
        Document page = service.page("/");
        assertEquals(
                Set.of("first", "grid/second"),
                Set.copyOf(page.select("tbody th a").eachText()));
        assertEquals(List.of("done", "done"), page.select("tbody .state").eachText());
    }

    /** The reward is 0.9 in training and 0.45 on validation; the KL of 60 is above 50. */
    @Test
    void aJobSaysWhatIsWrong() throws Exception {
        Document page = service.page("/jobs/first");
        assertTrue(page.text().contains("Training is ahead of validation"), page.text());
        assertTrue(page.text().contains("a gap of 0.450"), page.text());
        assertEquals(
                List.of("KL to the reference"), page.select(".gauge.odd .name").eachText());
        assertTrue(page.text().contains("step 12 of 12"), page.text());
        assertEquals(
                "★ chosen by validation",
                page.select("#checkpoints ~ div td:contains(★)").text());
        assertFalse(service.page("/jobs/grid~second").text().contains("Training is ahead"));
    }

    @Test
    void curvesAreFigures() throws Exception {
        JsonNode charts =
                Json.PLAIN.readTree(service.get("/jobs/first/figures").body()).path("charts");
        assertEquals("reward", charts.path(0).path("id").asText());
        assertEquals(2, charts.path(0).path("lines").size());
        assertEquals(12, charts.path(0).path("marked").asInt());
        assertTrue(charts.findValuesAsText("id").contains("grade/right"), charts.toString());
    }

    /** The parts of a score and the loss of a validation file stand beside those of training. */
    @Test
    void measurementsStandBesideTraining() throws Exception {
        Path measured = data.resolve("measured");
        Fixture.run(measured, 0.5);
        Files.writeString(
                measured.resolve("metrics.jsonl"),
                "{\"event\":\"evaluation\",\"step\":12,\"split\":\"validation\",\"correct\":1,\"total\":2,\"accuracy\":0.5,"
                        + "\"low\":0.1,\"high\":0.9,\"reward\":0.5,\"grade/right\":0.25,\"loss\":1.5}\n",
                StandardOpenOption.APPEND);
        JsonNode charts = Json.PLAIN
                .readTree(service.get("/jobs/measured/figures").body())
                .path("charts");
        for (String figure : List.of("grade/right 0.25", "loss 1.5")) {
            assertTrue(
                    charts.valueStream()
                            .flatMap(chart -> chart.path("lines")
                                    .valueStream()
                                    .filter(line -> line.path("name").asText().equals("validation"))
                                    .map(line -> chart.path("id").asText() + " "
                                            + line.path("values").path(0).asText()))
                            .anyMatch(figure::equals),
                    figure + " is not in " + charts);
        }
        org.reft4j.ground.files.DurableFiles.deleteTree(measured);
    }

    /** A run that goes on with a KL of 60, above 50, is told of on the first page; one that is done is not. */
    @Test
    void whatGoesWrongIsOnTheFirstPage() throws Exception {
        assertEquals(0, service.page("/").select("#alerts").size());
        Path live = data.resolve("odd");
        Fixture.run(live, 0.9, false);
        assertEquals(
                List.of(
                        "odd: KL to the reference is 60, normal is up to 50. The model has moved far from where it began. Lower the"
                                + " learning rate, or raise the weight of the KL penalty.",
                        "odd: Training is ahead of validation"),
                service.page("/").select(".alerts li").eachText());
        org.reft4j.ground.files.DurableFiles.deleteTree(live);
    }

    @Test
    void aWrongFilterIsSaidBesideWhatWasTyped() throws Exception {
        Document page = service.page("/jobs/first/rollouts?from=x&text=idea");
        assertEquals("“x” is not a number.", page.select("[role=alert]").text());
        assertEquals("x", page.select("[name=from]").attr("value"));
        assertEquals("idea", page.select("[name=text]").attr("value"));
    }

    @Test
    void aPlanIsRefusedWhereTheJobWouldBe() throws Exception {
        String body = "{\"model\":\"none\",\"training_file\":\"file-none\",\"method\":{\"type\":\"supervised\"}}";
        HttpResponse<String> reply = service.client()
                .send(
                        HttpRequest.newBuilder(service.address("/new/plan"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
        assertEquals(400, reply.statusCode());
        assertTrue(reply.body().contains("The file file-none"), reply.body());
    }

    @Test
    void modelsAreNamedWithoutTheirFolders() {
        assertEquals("warmup, step 570", Text.model("/somewhere/runs/warmup/checkpoints/step-000570"));
        assertEquals("tiny", Text.model("/somewhere/tiny"));
        assertEquals("Qwen/Qwen3-0.6B", Text.model("Qwen/Qwen3-0.6B"));
        assertEquals("new, 2 layers of width 16", Text.model("new, 2 layers of width 16"));
    }

    @Test
    void rolloutsAreFiltered() throws Exception {
        assertEquals(24, rows("").size());
        assertEquals(2, rows("from=3&to=3").size());
        assertEquals(12, rows("min=0.5").size());
        assertEquals(12, rows("stop=length").size());
        assertEquals(12, rows("part=right&least=0.5").size());
        assertEquals(12, rows("text=No+idea").size());
        assertEquals(0, rows("long=6").size());
        assertTrue(service.page("/jobs/first/rollouts?long=6").text().contains("Nothing matches"));
        assertEquals(
                "1 to 24 of 24",
                service.page("/jobs/first/rollouts")
                        .select("#found [role=status]")
                        .text());
        assertEquals(
                24, service.page("/jobs/first/rollouts").select(".histogram a").size());
    }

    private static List<String> rows(String query) throws IOException, InterruptedException {
        return service.page("/jobs/first/rollouts?" + query)
                .select(".rollouts tbody tr")
                .eachText();
    }

    @Test
    void tokensAreColoured() throws Exception {
        Document page = service.page("/jobs/first/rollout?" + GROUP + "&sample=0&colour=ADVANTAGE");
        assertEquals(List.of("up9", "down9"), page.select(".tokens span").eachAttr("class"));
        assertTrue(page.select(".tokens span").attr("title").contains("probability 0.905, advantage 1"), page.html());
    }

    @Test
    void aQuestionChangesThroughTheSteps() throws Exception {
        Document page = service.page("/jobs/first/question?question=q%261&before=1.0&after=12.0");
        assertEquals(List.of("1"), page.select(".diff del").eachText());
        assertEquals(List.of("12"), page.select(".diff ins").eachText());
        assertEquals(12, page.select("tbody tr").size());
    }

    @Test
    void rolloutsAreExported() throws Exception {
        List<String> lines = service.get("/jobs/first/rollouts/export/jsonl?min=0.5")
                .body()
                .lines()
                .toList();
        assertEquals(12, lines.size());
        assertEquals(
                "q&1", Json.PLAIN.readTree(lines.getFirst()).path("item_id").asText());
        assertEquals(
                3,
                service.get("/jobs/first/rollouts/export/jsonl?first=3")
                        .body()
                        .lines()
                        .count());
        assertTrue(service.get("/jobs/first/rollouts/export/csv").body().startsWith("step,question_id,sample,"));
        assertEquals(404, service.get("/jobs/first/rollouts/export/xls").statusCode());
    }

    @Test
    void aCheckpointIsDownloaded() throws Exception {
        HttpResponse<byte[]> reply = service.client()
                .send(
                        HttpRequest.newBuilder(service.address("/jobs/grid~second/checkpoints/12/archive"))
                                .build(),
                        BodyHandlers.ofByteArray());
        assertEquals(
                "attachment; filename=\"grid-second-step-12.zip\"",
                reply.headers().firstValue("Content-Disposition").orElse(""));
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(reply.body()))) {
            assertEquals("grid-second-step-12/checkpoint.json", String.valueOf(zip.getNextEntry()));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/jobs/none",
                "/jobs/..%2Fother",
                "/jobs/%2e%2e~other",
                "/jobs/first~checkpoints",
                "/jobs/first/rollout?step=99&question=q%261&sample=0",
                "/jobs/first/answers?step=3",
                "/data/file-none",
                "/assets/..%2fpage.css"
            })
    void whatIsNotThereIsNotFound(String path) throws Exception {
        assertEquals(404, service.get(path).statusCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from=x",
                "from=5&to=2",
                "min=NaN",
                "order=NONE",
                "page=-1",
                "page=1.5",
                "page=99999999999",
                "text=%00",
                "part=x&least=y"
            })
    void oddFiltersAreRefusedOrFindNothing(String query) throws Exception {
        HttpResponse<String> reply = service.get("/jobs/first/rollouts?" + query);
        assertTrue(reply.statusCode() == 400 || reply.statusCode() == 200, query + ": " + reply.statusCode());
    }

    @Test
    void pagesHearOfChanges() throws Exception {
        Path live = data.resolve("live");
        Fixture.run(live, 0.5);
        HttpResponse<InputStream> reply = service.client()
                .send(
                        HttpRequest.newBuilder(service.address("/jobs/live/changes"))
                                .build(),
                        BodyHandlers.ofInputStream());
        try (BufferedReader events = new BufferedReader(new InputStreamReader(reply.body(), StandardCharsets.UTF_8))) {
            assertEquals(": here", events.readLine());
            assertEquals("", events.readLine());
            Files.writeString(
                    live.resolve("metrics.jsonl"),
                    "{\"event\":\"warning\",\"step\":12,\"message\":\"more\"}\n",
                    StandardOpenOption.APPEND);
            assertEquals("event: changed", events.readLine());
        }
        assertTrue(service.page("/jobs/live").text().contains("more"));
        org.reft4j.ground.files.DurableFiles.deleteTree(live);
    }

    @Test
    void anEmptyServiceTeaches(@TempDir Path empty) throws Exception {
        try (Fixture none = Fixture.serving(empty)) {
            assertTrue(none.page("/").text().contains("Nothing has been trained here yet"));
            assertTrue(none.page("/data").text().contains("No files yet"));
            assertEquals(200, none.get("/compare").statusCode());
        }
    }
}
