package org.reft4j.server.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Caller;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.JobEvent;
import org.reft4j.server.store.Jobs;
import org.reft4j.server.worker.JobFolder;

class WorksTest {
    private static final Caller MINE = new Caller("mine", "k1", Caller.Role.WRITE);
    private static final Caller SHARED = new Caller("default", "k2", Caller.Role.READ);

    @TempDir
    private Path data;

    private Database database;
    private Works works;

    @BeforeEach
    void open() throws IOException {
        database = Database.sqlite(data.resolve("reft.db"));
        new Jobs(database)
                .create(
                        new Jobs.Draft(
                                "ftjob-1",
                                "mine",
                                Json.PLAIN.createObjectNode().put("suffix", "poet"),
                                "reinforcement",
                                "small",
                                "file-1",
                                null,
                                1,
                                Json.PLAIN.createObjectNode(),
                                Map.of()),
                        List.of(JobEvent.Draft.info("Created fine-tuning job")));
        Fixture.run(data.resolve("plain"), 0.5);
        works = new Works(data, new StoredJobs(data, database), "default");
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void jobsBelongToTheirProjectAndRunsToTheSharedOne() {
        assertEquals(List.of("ftjob-1"), ids(MINE));
        assertEquals(List.of("plain"), ids(SHARED));
        assertEquals(List.of("plain"), ids(new Caller("other", "k3", Caller.Role.ADMIN)));
        assertThrows(ApiError.class, () -> works.find(SHARED, "ftjob-1"));
        assertThrows(ApiError.class, () -> works.find(MINE, "plain"));
    }

    /** Its run is shown as the job, and never as a run beside it. */
    @Test
    void aJobsRunIsTheJobs() throws IOException {
        Work before = works.find(MINE, "ftjob-1");
        assertEquals(State.CHECKING, before.state());
        assertEquals("poet", before.name());
        assertThrows(ApiError.class, () -> works.run(MINE, "ftjob-1"));
        Fixture.run(new JobFolder(data, "ftjob-1").run(), 0.5);
        assertEquals(Fixture.STEPS, works.run(MINE, "ftjob-1").summary().steps());
        assertEquals(List.of("plain"), ids(SHARED));
        assertEquals(
                "Created fine-tuning job", works.events("ftjob-1", 5).getFirst().message());
    }

    @Test
    void theSignatureChangesWithRunAndState() throws IOException {
        Work work = works.find(MINE, "ftjob-1");
        String before = works.signature(MINE, work);
        assertEquals(before, works.signature(MINE, work));
        Fixture.run(new JobFolder(data, "ftjob-1").run(), 0.5);
        String begun = works.signature(MINE, work);
        assertEquals(false, before.equals(begun));
        assertEquals(true, new Jobs(database).cancel("mine", "ftjob-1").isPresent());
        assertEquals(State.CANCELLED, works.find(MINE, "ftjob-1").state());
        assertEquals(false, begun.equals(works.signature(MINE, work)));
    }

    @Test
    void aJobWithoutARunHasAPage() {
        Work work = works.find(MINE, "ftjob-1");
        Reply.Headed reply = (Reply.Headed)
                Templates.page(200, "job", JobPage.of(work, works.events("ftjob-1", 5), java.util.Map.of()));
        Document page = Jsoup.parse(new String(((Reply.Bytes) reply.reply()).body(), StandardCharsets.UTF_8));
        assertEquals("poet", page.select("h1").text());
        assertEquals(List.of("Cancel"), page.select("[data-job=ftjob-1] button").eachText());
        assertEquals(
                "Created fine-tuning job",
                page.select("#event-list li").textNodes().getLast().text().strip());
        assertEquals("/jobs/ftjob-1/changes", page.select("[sse-connect]").attr("sse-connect"));
        assertEquals("Nothing to draw yet", page.select("[data-reload] h2").text());
    }

    private List<String> ids(Caller caller) {
        return works.all(caller).stream().map(Work::id).toList();
    }
}
