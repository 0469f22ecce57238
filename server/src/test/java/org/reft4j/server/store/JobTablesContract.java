package org.reft4j.server.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.ground.files.Json;
import org.reft4j.server.store.JobEvent.Draft;

/** The contract of the jobs' tables, whatever the database. */
abstract class JobTablesContract {
    static final Duration LONG = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofMillis(1);
    private static final String PROJECT = "default";

    Database database;
    Jobs jobs;
    JobEvents events;
    JobModels models;
    JobQueue queue;

    abstract Database open() throws IOException, InterruptedException;

    @BeforeEach
    void openAll() throws IOException, InterruptedException {
        database = open();
        jobs = new Jobs(database);
        events = new JobEvents(database);
        models = new JobModels(database);
        queue = new JobQueue(database);
    }

    @AfterEach
    void closeAll() {
        if (database != null) {
            database.close();
        }
    }

    Job create(String id, Map<String, String> metadata) {
        return jobs.create(
                new Jobs.Draft(
                        id,
                        PROJECT,
                        Json.PLAIN.createObjectNode().put("model", "m"),
                        "supervised",
                        "m",
                        "file-1",
                        null,
                        7,
                        Json.PLAIN.createObjectNode().put("batch_size", "auto"),
                        metadata),
                List.of(Draft.info("Created fine-tuning job: " + id)));
    }

    LeasedJob queued(String id) {
        Job job = queue.claimUnchecked("here:check-" + id, LONG).orElseThrow();
        assertEquals(id, job.id());
        LeasedJob mine = new LeasedJob(database, id, "here:check-" + id, LONG);
        mine.checked(
                Json.PLAIN.createObjectNode().put("batch_size", 4),
                Json.PLAIN.createObjectNode().put("recipe", "sft"),
                List.of(Draft.info("Files validated, moving job to queued state")));
        return mine;
    }

    LeasedJob running(String id, String owner, Duration lease) {
        queued(id);
        assertEquals(id, queue.claim("here", owner, lease, 99).orElseThrow().id());
        return new LeasedJob(database, id, owner, lease);
    }

    List<String> told(String id) {
        return events.list(id, null, 100).items().reversed().stream()
                .map(JobEvent::message)
                .toList();
    }

    JobStatus status(String id) {
        return jobs.find(PROJECT, id).orElseThrow().status();
    }

    @Test
    void keepsWhatWasSent() {
        Job made = create("one", Map.of("team", "a", "empty", ""));
        assertEquals(made, jobs.find(PROJECT, "one").orElseThrow());
        assertEquals(JobStatus.VALIDATING_FILES, made.status());
        assertEquals("{\"model\":\"m\"}", made.body().toString());
        assertEquals(
                Map.of("one", Map.of("team", "a", "empty", "")),
                jobs.metadata(List.of("one", "none")),
                "a job without metadata is not in it");
        assertEquals(Optional.empty(), jobs.find("another", "one"), "nobody sees another project's job");
        assertEquals(List.of("Created fine-tuning job: one"), told("one"));
    }

    @Test
    void goesThroughAllStates() {
        create("one", Map.of());
        assertEquals(Optional.empty(), queue.claim("here", "here:0", LONG, 1), "unchecked files are not trained on");
        LeasedJob mine = running("one", "here:1", LONG);
        mine.stepped(1, 2, 50, 0.5, List.of(Draft.info("Step 1/2").once("step-1")));
        mine.results(new StoredFile("file-9", PROJECT, "step_metrics.csv", "fine-tune-results", 3, 5, null));
        mine.succeeded(
                model("one", JobModel.Kind.FINAL, 2, 1), List.of(Draft.info("The job has successfully completed")));
        Job end = jobs.find(PROJECT, "one").orElseThrow();
        assertEquals(JobStatus.SUCCEEDED, end.status());
        assertEquals(Optional.of("one:2"), end.fineTunedModel());
        assertEquals(Optional.of("file-9"), end.resultFile());
        assertEquals("{\"batch_size\":4}", end.hyperparameters().toString());
        assertEquals(Optional.empty(), end.lease());
        assertEquals(50, end.trainedTokens());
        assertTrue(end.finishedMs() > 0 && end.startedMs() > 0);
        assertEquals(
                List.of(
                        "Created fine-tuning job: one",
                        "Files validated, moving job to queued state",
                        "Fine-tuning job started",
                        "Step 1/2",
                        "The job has successfully completed"),
                told("one"));
        assertThrows(LeaseLostException.class, () -> mine.tell(Draft.info("too late")));
        assertEquals(Optional.empty(), jobs.cancel(PROJECT, "one"), "what is over stays");
    }

    @Test
    void numbersEventsWithoutGapsAndTellsEachOnce() {
        create("one", Map.of());
        LeasedJob mine = running("one", "here:1", LONG);
        mine.tell(Draft.info("a").once("a"));
        mine.tell(Draft.info("a again").once("a"));
        mine.tell(Draft.info("b"));
        List<JobEvent> all = events.since("one", 0, 100);
        assertEquals(
                IntStream.rangeClosed(1, all.size()).mapToObj(i -> (long) i).toList(),
                all.stream().map(JobEvent::number).toList());
        assertEquals(List.of("a", "b"), told("one").subList(3, 5));
    }

    @Test
    void givesEachJobToOneWorker() throws Exception {
        for (int i = 0; i < 5; i++) {
            create("job" + i, Map.of());
            queued("job" + i);
        }
        List<Callable<Optional<Job>>> takers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String owner = "here:" + i;
            takers.add(() -> queue.claim("here", owner, LONG, 99));
        }
        List<String> taken = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var each : threads.invokeAll(takers)) {
                each.get().map(Job::id).ifPresent(taken::add);
            }
        }
        while (true) {
            Optional<Job> more = queue.claim("here", "here:last" + taken.size(), LONG, 99);
            if (more.isEmpty()) {
                break;
            }
            taken.add(more.get().id());
        }
        assertEquals(
                List.of("job0", "job1", "job2", "job3", "job4"),
                taken.stream().sorted().toList());
    }

    @Test
    void keepsTheQueuesOrderAndTheMachinesLimit() {
        create("first", Map.of());
        queued("first");
        create("second", Map.of());
        queued("second");
        create("third", Map.of());
        queued("third");
        assertEquals(Optional.of(2), jobs.place(jobs.find(PROJECT, "second").orElseThrow()));
        assertEquals(
                "first", queue.claim("here", "here:1", LONG, 1).orElseThrow().id());
        assertEquals(Optional.empty(), queue.claim("here", "here:2", LONG, 1), "one at a time on a machine");
        assertEquals(
                "second", queue.claim("there", "there:1", LONG, 1).orElseThrow().id());
        assertEquals(Optional.of(1), jobs.place(jobs.find(PROJECT, "third").orElseThrow()));
        assertEquals(3, queue.open());
    }

    @Test
    void queuesTheJobOfADeadWorkerAndGivesUpInTheEnd() throws InterruptedException {
        create("one", Map.of());
        running("one", "here:1", SHORT);
        Thread.sleep(20);
        assertEquals(List.of("one"), queue.expired().stream().map(Job::id).toList());
        assertTrue(queue.lost("one", "here:1", true, 3, "it was silent"));
        assertFalse(queue.lost("one", "here:1", true, 3, "it was silent"), "counted once");
        assertEquals(JobStatus.QUEUED, status("one"));

        var _ = queue.claim("here", "here:2", LONG, 1).orElseThrow();
        LeasedJob second = new LeasedJob(database, "one", "here:2", LONG);
        assertFalse(queue.lost("one", "here:2", true, 3, "it was silent"), "its lease holds");
        second.keep(model("one", JobModel.Kind.CHECKPOINT, 5, 0.5), List.of(), null);
        assertEquals(0, jobs.find(PROJECT, "one").orElseThrow().lost(), "a checkpoint is progress");

        for (int i = 0; i < 3; i++) {
            assertEquals(JobStatus.RUNNING, status("one"));
            assertTrue(queue.lost("one", "here:" + (i + 2), false, 3, "it was killed"));
            if (i < 2) {
                var _ = queue.claim("here", "here:" + (i + 3), LONG, 1).orElseThrow();
            }
        }
        Job end = jobs.find(PROJECT, "one").orElseThrow();
        assertEquals(JobStatus.FAILED, end.status());
        assertEquals("worker_lost", end.failure().orElseThrow().code());
        assertTrue(end.failure().orElseThrow().message().contains("3 times without a new checkpoint"));
    }

    @Test
    void takesTheLeaseFromAWorkerOnceItsJobIsCancelled() {
        create("one", Map.of());
        LeasedJob mine = running("one", "here:1", LONG);
        assertEquals(Optional.empty(), mine.renew());
        assertEquals(
                JobStatus.CANCELLED, jobs.cancel(PROJECT, "one").orElseThrow().status());
        assertThrows(LeaseLostException.class, mine::renew);
        assertThrows(LeaseLostException.class, () -> mine.stepped(1, 2, 3, 4, List.of(Draft.info("late"))));
        assertEquals("Fine-tuning job cancelled", told("one").getLast());
    }

    @Test
    void pausesAndResumes() {
        create("one", Map.of());
        assertEquals(Optional.empty(), jobs.pause(PROJECT, "one"), "its files are still being checked");
        LeasedJob mine = running("one", "here:1", LONG);
        assertEquals(
                Optional.empty(),
                jobs.resume(PROJECT, "one").filter(job -> job.wish().isPresent()));
        assertEquals(JobStatus.PAUSED, jobs.pause(PROJECT, "one").orElseThrow().shown());
        assertEquals(Optional.of(Job.Wish.PAUSE), mine.renew());
        mine.stopped("Job paused after step 3");
        assertEquals(JobStatus.PAUSED, status("one"));
        assertEquals(Optional.empty(), queue.claim("here", "here:2", LONG, 1));
        assertEquals(JobStatus.QUEUED, jobs.resume(PROJECT, "one").orElseThrow().status());
        assertEquals("one", queue.claim("here", "here:2", LONG, 1).orElseThrow().id());

        LeasedJob again = new LeasedJob(database, "one", "here:2", LONG);
        jobs.pause(PROJECT, "one");
        assertEquals(JobStatus.QUEUED, jobs.resume(PROJECT, "one").orElseThrow().shown(), "before it has paused");
        again.stopped("Job stopped");
        assertEquals(JobStatus.QUEUED, status("one"));
    }

    @Test
    void pagesThroughJobsEventsAndCheckpoints() {
        for (int i = 0; i < 5; i++) {
            create("job" + i, i % 2 == 0 ? Map.of("k", "v", "n", "" + i) : Map.of());
        }
        List<String> seen = new ArrayList<>();
        Job after = null;
        while (true) {
            Page<Job> page = jobs.list(PROJECT, Jobs.Filter.ALL, after, 2);
            page.items().forEach(job -> seen.add(job.id()));
            if (!page.more()) {
                break;
            }
            after = page.items().getLast();
        }
        assertEquals(5, seen.stream().distinct().count(), "each once: " + seen);
        assertEquals(
                0,
                jobs.list(
                                PROJECT,
                                Jobs.Filter.ALL,
                                jobs.find(PROJECT, seen.getLast()).orElseThrow(),
                                2)
                        .items()
                        .size());
        assertEquals(
                List.of("job4", "job2", "job0"),
                jobs.list(PROJECT, new Jobs.Filter(Map.of("k", "v"), false), null, 9).items().stream()
                        .map(Job::id)
                        .sorted(java.util.Comparator.reverseOrder())
                        .toList());
        assertEquals(
                1,
                jobs.list(PROJECT, new Jobs.Filter(Map.of("k", "v", "n", "2"), false), null, 9)
                        .items()
                        .size());
        assertEquals(
                2,
                jobs.list(PROJECT, new Jobs.Filter(Map.of(), true), null, 9)
                        .items()
                        .size());

        jobs.cancel(PROJECT, "job0");
        Page<JobEvent> newest = events.list("job0", null, 1);
        assertTrue(newest.more());
        Page<JobEvent> oldest = events.list("job0", newest.items().getFirst(), 1);
        assertFalse(oldest.more());
        assertEquals("Created fine-tuning job: job0", oldest.items().getFirst().message());
        assertEquals(
                List.of(), events.list("job0", oldest.items().getFirst(), 1).items());
    }

    @Test
    void keepsModels() {
        create("one", Map.of());
        LeasedJob mine = running("one", "here:1", LONG);
        JobModel five = model("one", JobModel.Kind.CHECKPOINT, 5, 0.5);
        mine.keep(five, List.of(), Draft.info("kept"));
        mine.keep(five, List.of(), null);
        mine.keep(model("one", JobModel.Kind.CHECKPOINT, 10, 0.7), List.of(), null);
        assertEquals(five, models.find(PROJECT, "one:5").orElseThrow());
        assertEquals(Optional.empty(), models.find("another", "one:5"));
        assertEquals(
                List.of(10, 5),
                models.checkpoints("one", null, 10).items().stream()
                        .map(JobModel::step)
                        .toList());
        mine.keep(model("one", JobModel.Kind.CHECKPOINT, 15, 0.9), List.of(five), null);
        Page<JobModel> page = models.checkpoints("one", null, 1);
        assertTrue(page.more());
        assertEquals(
                10,
                models.checkpoints("one", page.items().getFirst(), 1)
                        .items()
                        .getFirst()
                        .step());
        assertTrue(models.delete(PROJECT, "one:10"));
        assertEquals(1, models.list(PROJECT).size());
    }

    JobModel model(String job, JobModel.Kind kind, int step, double score) {
        return new JobModel(
                job + ":" + step,
                "ftckpt_" + job + step,
                job,
                PROJECT,
                1000,
                kind,
                step,
                OptionalDouble.of(score),
                Json.PLAIN.createObjectNode().put("step", step),
                "jobs/" + job + "/models/step-" + step);
    }
}
