package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.Jobs;
import org.reft4j.server.store.Page;
import org.reft4j.server.worker.JobFolder;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.run.RunReader;

/** The routes by which the validation samples of reinforcement jobs are read: an eval for each job, and a run of it for each measurement. */
public final class EvalRoutes {
    private static final String EVAL = "eval_";
    private static final String RUN = "evalrun_";
    /** Begins the names of a grader's parts among the figures of a measurement. */
    private static final String PART = "grade/";

    private static final String ITEM = "outputitem_";
    private static final int PAGE = 20;
    /** Jobs that are read at once. */
    private static final int MOST = 100;

    private final Path data;
    private final Jobs jobs;

    public EvalRoutes(Path data, Jobs jobs) {
        this.data = data;
        this.jobs = jobs;
    }

    public Map<String, Endpoint> handlers() {
        return Map.of(
                "listEvals", this::evals,
                "retrieveEval", call -> Reply.json(eval(asked(call))),
                "listEvalRuns", this::runs,
                "retrieveEvalRun", this::run,
                "listEvalOutputItems", this::items,
                "retrieveEvalOutputItem", this::item);
    }

    /** The id of a job's eval. */
    static String evalId(String job) {
        return EVAL + job.substring(job.indexOf('-') + 1);
    }

    private Job asked(Call call) {
        String id = call.path("eval_id");
        return Optional.of(id)
                .filter(each -> each.startsWith(EVAL))
                .flatMap(each -> jobs.find(call.caller().project(), "ftjob-" + each.substring(EVAL.length())))
                .filter(job -> job.method().equals(JobRequest.REINFORCEMENT))
                .orElseThrow(() -> ApiError.missing("eval_id", null, "No eval with the id " + id + "."));
    }

    private Reply evals(Call call) {
        List<Job> all = new ArrayList<>();
        Page<Job> page = jobs.list(call.caller().project(), Jobs.Filter.ALL, null, MOST);
        all.addAll(page.items());
        while (page.more()) {
            page = jobs.list(call.caller().project(), Jobs.Filter.ALL, all.getLast(), MOST);
            all.addAll(page.items());
        }
        all.removeIf(job -> !job.method().equals(JobRequest.REINFORCEMENT));
        return Reply.json(page(call, all.reversed(), EvalRoutes::eval));
    }

    private static ObjectNode eval(Job job) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("id", evalId(job.id())).put("object", "eval").put("name", "Validation of " + job.id());
        json.put("created_at", JobView.seconds(job.createdMs()));
        json.putObject("data_source_config").put("type", "custom").putObject("schema");
        json.putArray("testing_criteria").add(grader(job));
        json.putObject("metadata").put("fine_tuning_job_id", job.id());
        return json;
    }

    private static JsonNode grader(Job job) {
        return job.body().at("/method/reinforcement/grader");
    }

    private Reply runs(Call call) {
        Job job = asked(call);
        List<RunReader.Measured> all = measured(job);
        return Reply.json(page(call, all, measured -> run(job, measured)));
    }

    private List<RunReader.Measured> measured(Job job) {
        Path run = new JobFolder(data, job.id()).run();
        return Files.exists(run.resolve("metrics.jsonl")) ? RunReader.of(run).evaluations() : List.of();
    }

    private Reply run(Call call) {
        Job job = asked(call);
        return Reply.json(run(job, step(job, call)));
    }

    private RunReader.Measured step(Job job, Call call) {
        String id = call.path("run_id");
        return measured(job).stream()
                .filter(each -> runId(job, each.step()).equals(id))
                .findFirst()
                .orElseThrow(() -> ApiError.missing("run_id", null, "The eval has no run with the id " + id + "."));
    }

    private static String runId(Job job, int step) {
        return RUN + job.id().substring(job.id().indexOf('-') + 1) + "_" + step;
    }

    private ObjectNode run(Job job, RunReader.Measured measured) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("id", runId(job, measured.step())).put("object", "eval.run").put("eval_id", evalId(job.id()));
        json.put("name", "Step " + measured.step()).put("status", "completed").put("model", job.model());
        json.put("created_at", JobView.seconds(job.startedMs()));
        List<Evaluation.Answered> answers = answers(job, measured.step());
        long passed = answers.stream().filter(Evaluation.Answered::correct).count();
        long errored = answers.stream()
                .filter(answer -> answer.grade().equals("failed"))
                .count();
        json.putObject("result_counts")
                .put("total", answers.size())
                .put("passed", passed)
                .put("errored", errored)
                .put("failed", answers.size() - passed - errored);
        json.put("report_url", "/jobs/" + job.id()).putNull("error");
        json.putObject("metadata").put("fine_tuning_job_id", job.id()).put("step", Integer.toString(measured.step()));
        json.putObject("data_source")
                .put("type", "jsonl")
                .putObject("source")
                .put("type", "file_id")
                .put("id", job.validationFile().orElse(""));
        json.putArray("per_model_usage");
        json.putArray("per_testing_criteria_results")
                .addObject()
                .put("testing_criteria", grader(job).path("name").asText("grader"))
                .put("passed", passed)
                .put("failed", answers.size() - passed);
        ObjectNode own = json.putObject("reft4j");
        score(own, "reward_mean", measured.reward());
        ObjectNode parts = own.putObject("graders");
        measured.figures().forEach((name, value) -> {
            if (name.startsWith(PART)) {
                score(parts, name.substring(PART.length()), value);
            }
        });
        return json;
    }

    private List<Evaluation.Answered> answers(Job job, int step) {
        return RunReader.of(new JobFolder(data, job.id()).run()).answers(step, "validation");
    }

    private Reply items(Call call) {
        Job job = asked(call);
        int step = step(job, call).step();
        List<Evaluation.Answered> answers = answers(job, step);
        List<Integer> numbers = IntStream.range(0, answers.size()).boxed().toList();
        return Reply.json(page(call, numbers, number -> item(job, step, number, answers.get(number))));
    }

    private Reply item(Call call) {
        Job job = asked(call);
        int step = step(job, call).step();
        List<Evaluation.Answered> answers = answers(job, step);
        String id = call.path("output_item_id");
        return IntStream.range(0, answers.size())
                .filter(number -> itemId(job, step, number).equals(id))
                .mapToObj(number -> Reply.json(item(job, step, number, answers.get(number))))
                .findFirst()
                .orElseThrow(() ->
                        ApiError.missing("output_item_id", null, "The run has no output item with the id " + id + "."));
    }

    private static String itemId(Job job, int step, int number) {
        return ITEM + job.id().substring(job.id().indexOf('-') + 1) + "_" + step + "_" + number;
    }

    private static ObjectNode item(Job job, int step, int number, Evaluation.Answered answer) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("id", itemId(job, step, number)).put("object", "eval.run.output_item");
        json.put("eval_id", evalId(job.id())).put("run_id", runId(job, step));
        json.put("created_at", JobView.seconds(job.startedMs())).put("datasource_item_id", number);
        json.putObject("datasource_item")
                .put("item_id", answer.questionId())
                .put("question", answer.question())
                .put("answer", answer.target());
        boolean failed = answer.grade().equals("failed");
        json.put("status", answer.correct() ? "pass" : failed ? "error" : "fail");
        ObjectNode sample =
                json.putObject("sample").put("model", job.model()).put("finish_reason", finish(answer.stop()));
        sample.putArray("input").addObject().put("role", "user").put("content", answer.question());
        sample.putArray("output").addObject().put("role", "assistant").put("content", answer.completion());
        sample.putNull("error");
        ArrayNode results = json.putArray("results");
        ObjectNode whole = results.addObject()
                .put("name", grader(job).path("name").asText("grader"))
                .put("type", grader(job).path("type").asText());
        score(whole, "score", answer.reward()).put("passed", answer.correct()).put("reason", answer.extracted());
        answer.parts().forEach((name, value) -> score(results.addObject().put("name", name), "score", value));
        return json;
    }

    private static ObjectNode score(ObjectNode result, String name, double value) {
        return Double.isFinite(value) ? result.put(name, value) : result.putNull(name);
    }

    private static String finish(String stop) {
        return stop.equals("length") ? "length" : "stop";
    }

    /** A page of a list that is at hand as a whole; the oldest first, unless the caller wants it otherwise. */
    private static <T> ObjectNode page(Call call, List<T> all, Function<T, ObjectNode> json) {
        List<T> ordered = call.query("order").orElse("asc").equals("desc") ? all.reversed() : all;
        int limit = JobRoutes.limit(call, PAGE);
        int from = 0;
        if (call.query("after").isPresent()) {
            String after = call.query("after").get();
            from = IntStream.range(0, ordered.size())
                            .filter(i -> json.apply(ordered.get(i))
                                    .path("id")
                                    .asText()
                                    .equals(after))
                            .findFirst()
                            .orElseThrow(() -> ApiError.missing("after", null, "There is no item " + after + "."))
                    + 1;
        }
        List<T> some = ordered.subList(from, Math.min(ordered.size(), from + limit));
        ObjectNode list = Json.PLAIN.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        some.forEach(each -> data.add(json.apply(each)));
        list.set(
                "first_id", data.isEmpty() ? Json.PLAIN.nullNode() : data.get(0).path("id"));
        list.set(
                "last_id",
                data.isEmpty()
                        ? Json.PLAIN.nullNode()
                        : data.get(data.size() - 1).path("id"));
        return list.put("has_more", from + some.size() < ordered.size());
    }
}
