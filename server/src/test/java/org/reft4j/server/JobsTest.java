package org.reft4j.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.run.RunReader;

/** Jobs from request to model, on a tiny model, over HTTP: every answer is held against the API's document. */
class JobsTest {
    /** Pays almost every answer something else, so that there is something to learn. */
    private static final String VARIED =
            "def grade(sample, item):\\n    return sum(ord(c) for c in sample['output_text']) % 97 / 97\\n";

    private static final String PYTHON =
            "def grade(sample, item):\\n    return min(1.0, sample['output_text'].count(item['letter']) / 4)\\n";

    @TempDir
    private static Path folder = Path.of("");

    private static RunningServer server;
    private static Path data = Path.of("");
    private static JobClient jobs;

    @BeforeAll
    static void open() {
        Path model = TinyModel.make(folder.resolve("tiny"));
        data = folder.resolve("data");
        server = RunningServer.start(data, settings(model));
        jobs = new JobClient(server, data);
    }

    private static ServerSettings settings(Path model) {
        return ServerSettings.DEFAULTS
                .withModels(Map.of("tiny", model.toString()))
                // Workers that live for seconds gain nothing from the second compiler.
                .withJobs(new ServerSettings.Training(1, 0, 5, 3, List.of("-Xmx512m", "-XX:TieredStopAtLevel=1")))
                .withGraders(
                        new ServerSettings.Graders(null, Map.of("arn:aws:one", "http://127.0.0.1:9/grade"), false));
    }

    @AfterAll
    static void close() {
        server.close();
    }

    @Test
    void tunesOnConversations() {
        String file = jobs.upload("sft.jsonl", JobClient.conversations(12, 0));
        String job = jobs.create("""
                {"model": "tiny", "training_file": "%s", "validation_file": "%s", "seed": 5, "suffix": "first", "metadata": {"team": "a"},
                 "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 4, "batch_size": 6}}},
                 "integrations": [{"type": "wandb", "wandb": {"project": "p"}}],
                 "reft4j": {"evaluate.max-total-tokens": 60}}
                """.formatted(file, jobs.upload("valid.jsonl", JobClient.conversations(3, 50))));
        JsonNode end = jobs.ended(job);
        assertEquals(
                "succeeded", end.path("status").asText(), () -> jobs.told(job).toString());
        assertEquals(
                "{\"batch_size\":6,\"learning_rate_multiplier\":1,\"n_epochs\":4}",
                end.path("hyperparameters").toString());
        assertTrue(end.path("error").isNull());
        String model = end.path("fine_tuned_model").asText();
        assertTrue(model.matches("ft:tiny:[^:]+:first:[a-z0-9]{8}"), model);
        jobs.chats(end);
        assertEquals(200, server.get("/v1/models/" + model).status());
        List<String> told = jobs.told(job);
        tellsOnce(told, job, model);
        assertEquals(
                8,
                told.stream()
                        .filter(line -> line.matches("Step \\d/8: training loss=\\d.*"))
                        .count(),
                told.toString());
        JsonNode checkpoints = server.get("/v1/fine_tuning/jobs/" + job + "/checkpoints")
                .body()
                .path("data");
        assertEquals(List.of(8, 6, 4), JobClient.ints(checkpoints, "step_number"), "the last three epochs");
        assertEquals(
                model + ":ckpt-step-8",
                checkpoints.get(0).path("fine_tuned_model_checkpoint").asText());
        String csv = server.get("/v1/files/" + end.path("result_files").get(0).asText() + "/content")
                .text();
        assertEquals(10, csv.lines().count(), "a head, the start and eight steps: " + csv);
        assertTrue(csv.startsWith("step,train_loss,"), csv);
        assertEquals(
                List.of(job),
                JobClient.texts(
                        server.get("/v1/fine_tuning/jobs?metadata%5Bteam%5D=a")
                                .body()
                                .path("data"),
                        "id"));

        // A tuned model is where the next job may begin.
        String next = jobs.create("""
                {"model": "%s", "training_file": "%s", "reft4j": {"evaluate.max-total-tokens": 60, "epochs": 1}}
                """.formatted(model, file));
        JsonNode again = jobs.ended(next);
        assertEquals(
                "succeeded",
                again.path("status").asText(),
                () -> jobs.told(next).toString());
        assertTrue(again.path("fine_tuned_model").asText().startsWith("ft:tiny:"), again.toString());
    }

    @Test
    void reinforcesByAPythonGrader() {
        String job = jobs.create(jobs.reinforcement(
                "{\"type\": \"python\", \"name\": \"letters\", \"source\": \"" + PYTHON + "\"}", 6, ""));
        JsonNode end = jobs.ended(job);
        assertEquals(
                "succeeded", end.path("status").asText(), () -> jobs.told(job).toString());
        jobs.chats(end);
        List<JsonNode> metrics = jobs.metrics(job);
        assertEquals(7, metrics.size(), "a baseline and six steps: " + jobs.told(job));
        JsonNode last = metrics.getLast().path("data");
        for (String name : List.of(
                "step",
                "total_steps",
                "train_mean_reward",
                "full_valid_mean_reward",
                "full_valid_mean_parse_error",
                "mean_unresponsive_rewards",
                "reasoning_tokens_mean",
                "completion_tokens_mean",
                "train_reward_mean",
                "valid_reward_mean")) {
            assertTrue(last.path(name).isNumber(), name + " in " + last);
        }
        assertEquals(last.path("train_mean_reward"), last.at("/scores/train_reward_mean"));
        assertEquals("letters", last.at("/scores/graders/0/name").asText());
        assertTrue(
                metrics.getLast()
                        .path("message")
                        .asText()
                        .matches(
                                "Step 6/6: train mean reward=\\d\\.\\d\\d, full validation mean reward=\\d\\.\\d\\d, full validation mean parse error=\\d\\.\\d\\d"),
                metrics.getLast().path("message").asText());
        JsonNode checkpoints = server.get("/v1/fine_tuning/jobs/" + job + "/checkpoints")
                .body()
                .path("data");
        assertEquals(3, checkpoints.size());
        assertTrue(checkpoints
                .get(0)
                .path("metrics")
                .path("full_valid_mean_reward")
                .isNumber());
        String eval = end.path("eval_id").asText();
        JsonNode runs = server.get("/v1/evals/" + eval + "/runs").body().path("data");
        assertEquals(List.of("Step 0", "Step 2", "Step 4", "Step 6"), JobClient.texts(runs, "name"));
        JsonNode items = server.get(
                        "/v1/evals/" + eval + "/runs/" + runs.get(1).path("id").asText() + "/output_items?limit=2")
                .body();
        assertEquals(2, items.path("data").size());
        assertTrue(items.path("has_more").asBoolean());
        String csv = server.get("/v1/files/" + end.path("result_files").get(0).asText() + "/content")
                .text();
        assertTrue(csv.startsWith("step,train_mean_reward,full_valid_mean_reward,completion_tokens_mean,"), csv);
    }

    @Test
    void reinforcesByAMultiInEachOfItsForms() {
        String like =
                "{\"type\": \"string_check\", \"name\": \"like\", \"input\": \"{{sample.output_text}}\", \"operation\": \"like\", \"reference\": \"{{ item.letter }}\"}";
        String close =
                "{\"type\": \"text_similarity\", \"name\": \"close\", \"input\": \"{{ sample.output_text }}\", \"reference\": \"{{item.letter}}\", \"evaluation_metric\": \"fuzzy_match\"}";
        String grader = "{\"type\": \"multi\", \"name\": \"both\", \"graders\": {\"like\": " + like + ", \"close\": "
                + close + "}, \"calculate_output\": \"0.5 * like + 0.5 * close\"}";
        String job = jobs.create(jobs.reinforcement(grader, 2, ""));
        JsonNode end = jobs.ended(job);
        assertEquals(
                "succeeded", end.path("status").asText(), () -> jobs.told(job).toString());
        jobs.chats(end);
        assertEquals(JobClient.read(grader), end.at("/method/reinforcement/grader"), "as it was sent");
        JsonNode last = jobs.metrics(job).getLast().path("data");
        assertEquals(List.of("like", "close"), JobClient.texts(last.at("/scores/graders"), "name"));
        assertTrue(last.at("/scores/graders/1/train_reward_mean").isNumber(), last.toString());

        String list = "{\"type\": \"multi\", \"name\": \"both\", \"graders\": [" + like + "," + close
                + "], \"calculate_output\": \"like + close\"}";
        String one =
                "{\"type\": \"multi\", \"name\": \"one\", \"graders\": " + like + ", \"calculate_output\": \"like\"}";
        for (String form : List.of(list, one)) {
            String id = jobs.create(jobs.reinforcement(form, 1, ""));
            assertEquals(
                    JobClient.read(form),
                    server.get("/v1/fine_tuning/jobs/" + id).body().at("/method/reinforcement/grader"));
            assertEquals(
                    "cancelled",
                    jobs.post("/v1/fine_tuning/jobs/" + id + "/cancel")
                            .body()
                            .path("status")
                            .asText());
        }
    }

    @Test
    void learnsFromPairs() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            rows.append("{\"input\": {\"messages\": [{\"role\": \"user\", \"content\": \"Say " + i + "\"}]},"
                    + " \"preferred_output\": [{\"role\": \"assistant\", \"content\": \"good " + i + "\"}],"
                    + " \"non_preferred_output\": [{\"role\": \"assistant\", \"content\": \"bad " + i + "\"}]}\n");
        }
        String job = jobs.create("""
                {"model": "tiny", "training_file": "%s", "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 2, "batch_size": 6}}},
                 "reft4j": {"evaluate.max-total-tokens": 60}}
                """.formatted(jobs.upload("pairs.jsonl", rows.toString())));
        JsonNode end = jobs.ended(job);
        assertEquals(
                "succeeded", end.path("status").asText(), () -> jobs.told(job).toString());
        jobs.chats(end);
        assertEquals(0.2, end.at("/method/dpo/hyperparameters/beta").asDouble());
        assertEquals(
                4,
                jobs.metrics(job).stream()
                        .filter(each -> each.at("/data/train_loss").isNumber())
                        .count());
    }

    @Test
    void aKilledWorkerChangesNothing() throws InterruptedException {
        String grader = "{\"type\": \"python\", \"name\": \"letters\", \"source\": \"" + VARIED + "\"}";
        String undisturbed = jobs.create(jobs.reinforcement(grader, 6, ", \"checkpoint-every\": 1"));
        jobs.ended(undisturbed);
        String disturbed = jobs.create(jobs.reinforcement(grader, 6, ", \"checkpoint-every\": 1"));
        for (int step : new int[] {2, 4}) {
            jobs.await(disturbed, job -> job.at("/reft4j/step").asInt() >= step || JobClient.over(job));
            ProcessHandle worker = server.jobs().supervisor().workers().get(disturbed);
            if (worker != null) {
                worker.destroyForcibly();
            }
            jobs.await(
                    disturbed,
                    job -> !job.path("status").asText().equals("running")
                            || JobClient.over(job)
                            || server.jobs().supervisor().workers().get(disturbed) != worker);
        }
        JsonNode end = jobs.ended(disturbed);
        assertEquals(
                "succeeded",
                end.path("status").asText(),
                () -> jobs.told(disturbed).toString());
        assertTrue(end.at("/reft4j/attempt").asInt() > 1, "a worker was killed: " + end);
        List<JsonNode> expected = jobs.metrics(undisturbed);
        List<JsonNode> found = jobs.metrics(disturbed);
        assertEquals(expected.size(), found.size(), jobs.told(disturbed).toString());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(JobClient.timeless(expected.get(i)), JobClient.timeless(found.get(i)));
        }
        assertTrue(
                jobs.told(disturbed).stream().anyMatch(line -> line.contains("worker is gone")),
                jobs.told(disturbed).toString());
        assertEquals(
                RunReader.of(data.resolve("jobs/" + undisturbed + "/run")).metrics(),
                RunReader.of(data.resolve("jobs/" + disturbed + "/run")).metrics());
    }

    @Test
    void pausesResumesAndCancels() {
        String grader = "{\"type\": \"python\", \"name\": \"letters\", \"source\": \"" + PYTHON + "\"}";
        String job = jobs.create(jobs.reinforcement(grader, 500, ""));
        jobs.await(job, each -> each.at("/reft4j/step").asInt() >= 1);
        String waiting = jobs.create(jobs.reinforcement(grader, 1, ""));
        JsonNode queued =
                jobs.await(waiting, each -> each.path("status").asText().equals("queued"));
        assertEquals(1, queued.at("/reft4j/queue_place").asInt());
        assertEquals(
                "cancelled",
                jobs.post("/v1/fine_tuning/jobs/" + waiting + "/cancel")
                        .body()
                        .path("status")
                        .asText());

        assertEquals(
                "paused",
                jobs.post("/v1/fine_tuning/jobs/" + job + "/pause")
                        .body()
                        .path("status")
                        .asText());
        jobs.idle();
        JsonNode paused = server.get("/v1/fine_tuning/jobs/" + job).body();
        assertEquals("paused", paused.path("status").asText());
        JsonNode kept = server.get("/v1/fine_tuning/jobs/" + job + "/checkpoints")
                .body()
                .path("data")
                .get(0);
        assertEquals(paused.at("/reft4j/step").asInt(), kept.path("step_number").asInt(), "it stopped at a checkpoint");
        String model = kept.path("fine_tuned_model_checkpoint").asText();
        assertEquals(200, server.get("/v1/models/" + model).status(), "which is a model");
        assertEquals(
                400, jobs.post("/v1/fine_tuning/jobs/" + job + "/pause").status(), "not 409, which clients send again");

        assertEquals(
                "queued",
                jobs.post("/v1/fine_tuning/jobs/" + job + "/resume")
                        .body()
                        .path("status")
                        .asText());
        int step = kept.path("step_number").asInt();
        jobs.await(job, each -> each.at("/reft4j/step").asInt() > step);
        assertEquals(
                "cancelled",
                jobs.post("/v1/fine_tuning/jobs/" + job + "/cancel")
                        .body()
                        .path("status")
                        .asText());
        jobs.idle();
        assertEquals("Fine-tuning job cancelled", jobs.told(job).getLast());
        assertEquals(400, jobs.post("/v1/fine_tuning/jobs/" + job + "/resume").status());
    }

    @Test
    void refusesWithTheFieldAtFault() {
        String file = jobs.upload("sft.jsonl", JobClient.conversations(12, 0));
        refused("model", "{\"model\": \"gpt-9\", \"training_file\": \"" + file + "\"}", 404);
        refused("training_file", "{\"model\": \"tiny\", \"training_file\": \"file-none\"}", 400);
        refused("surprise", "{\"model\": \"tiny\", \"training_file\": \"" + file + "\", \"surprise\": 1}", 400);
        refused("seed", "{\"model\": \"tiny\", \"training_file\": \"" + file + "\", \"seed\": -1}", 400);
        refused(
                "method.supervised.hyperparameters.n_epochs",
                "{\"model\": \"tiny\", \"training_file\": \"" + file
                        + "\", \"method\": {\"type\": \"supervised\", \"supervised\": {\"hyperparameters\": {\"n_epochs\": 0}}}}",
                400);
        refused(
                "reft4j.data.path",
                "{\"model\": \"tiny\", \"training_file\": \"" + file + "\", \"reft4j\": {\"data.path\": \"/etc\"}}",
                400);
        refused(
                "reft4j.lora.rank",
                "{\"model\": \"tiny\", \"training_file\": \"" + file + "\", \"reft4j\": {\"lora.rank\": 0}}",
                400);
        refused(
                "validation_file",
                "{\"model\": \"tiny\", \"training_file\": \"" + file
                        + "\", \"method\": {\"type\": \"reinforcement\", \"reinforcement\": {\"grader\": {\"type\": \"string_check\"}}}}",
                400);
        assertEquals(404, server.get("/v1/fine_tuning/jobs/ftjob-none").status());
        assertEquals(
                "fine_tune_not_found",
                server.get("/v1/fine_tuning/jobs/ftjob-none")
                        .body()
                        .at("/error/code")
                        .asText());

        String broken = jobs.upload(
                "broken.jsonl", JobClient.conversations(11, 0) + "{\"messages\": [{\"role\": \"user\"}]}\n");
        String job = jobs.create("{\"model\": \"tiny\", \"training_file\": \"" + broken + "\"}");
        JsonNode end = jobs.ended(job);
        assertEquals("failed", end.path("status").asText());
        assertEquals("training_file", end.at("/error/param").asText());
        assertTrue(end.at("/error/message").asText().contains("line 12"), end.toString());

        String missing = jobs.reinforcement(
                "{\"type\": \"string_check\", \"name\": \"a\", \"input\": \"{{sample.output_text}}\", \"operation\": \"eq\", \"reference\": \"{{item.nowhere}}\"}",
                1,
                "");
        String second = jobs.create(missing);
        JsonNode failed = jobs.ended(second);
        assertEquals("failed", failed.path("status").asText(), "the rows have no such field");
        assertTrue(failed.at("/error/message").asText().contains("nowhere"), failed.toString());
    }

    private static void tellsOnce(List<String> told, String job, String model) {
        for (String line : List.of(
                "Created fine-tuning job: " + job,
                "Files validated, moving job to queued state",
                "Fine-tuning job started",
                "New fine-tuned model created: " + model,
                "The job has successfully completed")) {
            assertEquals(1, told.stream().filter(line::equals).count(), line + " in " + told);
        }
    }

    private static void refused(String param, String body, int status) {
        RunningServer.Answer answer = server.post("/v1/fine_tuning/jobs", body);
        assertEquals(status, answer.status(), answer.text());
        assertEquals(param, answer.body().at("/error/param").asText(), answer.text());
    }
}
