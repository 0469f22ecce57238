package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.graders.Graders;
import org.reft4j.task.judge.ChatModel.Usage;
import org.reft4j.train.job.Toolbox;

/** The routes that try graders, and the graders that this process holds for them. The sandbox starts when a grader first needs it. */
public final class GraderRuns implements AutoCloseable {
    private static final String GRADER = "grader";
    private static final double MS = 1000;

    private final GraderForms forms;
    private final Lock lock = new ReentrantLock();
    private @Nullable Toolbox toolbox;

    public GraderRuns(GraderForms forms) {
        this.forms = forms;
    }

    public Map<String, Endpoint> handlers() {
        return Map.of("validateGrader", this::validate, "runGrader", this::run);
    }

    private GraderTools tools() {
        lock.lock();
        try {
            if (toolbox == null) {
                toolbox = Toolbox.of(Cot.PROSE, Toolbox.Plugins.NONE, forms.models());
            }
            return toolbox.tools();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes the grader, and forgets it: refuses what no run could be graded by.
     *
     * @param place of the grader in the request
     */
    void check(JsonNode ready, String place, DataRows... rows) {
        var _ = grader(ready, place, rows);
    }

    private Grader grader(JsonNode ready, String place, DataRows... rows) {
        return grader(ready, place, tools().with(rows));
    }

    private static Grader grader(JsonNode ready, String place, GraderTools tools) {
        try {
            return Graders.of(ready, place, tools);
        } catch (GraderException e) {
            throw ApiError.invalid(e.key().isEmpty() ? place : e.key(), String.valueOf(e.getMessage()));
        }
    }

    private Reply validate(Call call) {
        JsonNode sent = call.body().path(GRADER);
        JsonNode named = GraderForms.named(sent);
        check(forms.ready(named, GRADER), GRADER);
        ObjectNode reply = Json.PLAIN.createObjectNode();
        reply.set(GRADER, named);
        return Reply.json(reply);
    }

    private Reply run(Call call) {
        ObjectNode body = call.body();
        JsonNode sent = body.path(GRADER);
        JsonNode ready = forms.ready(sent, GRADER);
        if (!body.path("model_sample").isTextual()) {
            throw ApiError.invalid("model_sample", "'model_sample' must be a string: what the model wrote.");
        }
        ModelMap models = tools().models().apart();
        Grader grader = grader(ready, GRADER, tools().with(models));
        long begin = System.nanoTime();
        Grade grade =
                grader.grade(question(item(body)), body.path("model_sample").asText());
        double seconds = Math.round((System.nanoTime() - begin) / 1e6) / MS;
        return Reply.json(reply(GraderForms.named(sent), grade, seconds, models.usage()));
    }

    private static ObjectNode item(ObjectNode body) {
        ObjectNode item = Json.PLAIN.createObjectNode();
        JsonNode sent = body.path("item");
        if (sent instanceof ObjectNode given) {
            item.setAll(given);
        } else if (!sent.isMissingNode() && !sent.isNull()) {
            throw ApiError.invalid("item", "'item' must be an object: the data row.");
        }
        // Clients of early 2025 send this instead.
        if (body.hasNonNull("reference_answer")) {
            item.set("reference_answer", body.path("reference_answer"));
        }
        return item;
    }

    private static Question question(ObjectNode item) {
        Answer answer = item.path("answer").isValueNode() && item.hasNonNull("answer")
                ? Answer.plain(item.path("answer").asText())
                : new Answer.Unknown("the item");
        return new Question("item", item.path("question").asText(""), answer, null, null, item);
    }

    /** @param usage tokens by the names of models that were asked */
    private static ObjectNode reply(JsonNode sent, Grade grade, double seconds, Map<String, Usage> usage) {
        ObjectNode reply = Json.PLAIN.createObjectNode();
        reply.put("reward", reward(grade));
        ObjectNode metadata = reply.putObject("metadata");
        metadata.put("name", sent.path("name").asText(GRADER))
                .put("type", sent.path("type").asText());
        metadata.set("errors", errors(grade));
        metadata.put("execution_time", seconds);
        metadata.putObject("scores");
        if (usage.isEmpty()) {
            metadata.putNull("token_usage");
        } else {
            // The schema's integer; the service itself sends an object, which strict clients cannot read.
            metadata.put(
                    "token_usage",
                    usage.values().stream()
                            .mapToLong(each -> each.prompt() + each.completion())
                            .sum());
        }
        metadata.put(
                "sampled_model_name",
                usage.size() == 1 ? usage.keySet().iterator().next() : null);
        grade.why().ifPresent(why -> metadata.put("reason", why));
        ObjectNode parts = reply.putObject("sub_rewards");
        grade.parts().forEach((name, value) -> {
            if (name.indexOf('.') < 0) {
                parts.put(name, value);
            }
        });
        ObjectNode models = reply.putObject("model_grader_token_usage_per_model");
        usage.forEach((name, tokens) -> models.putObject(name)
                .put("prompt_tokens", tokens.prompt())
                .put("completion_tokens", tokens.completion())
                .put("total_tokens", tokens.prompt() + tokens.completion())
                .put("cached_tokens", tokens.cached()));
        return reply;
    }

    /** In training a completion that could not be graded has no reward; the API has a number always. */
    private static double reward(Grade grade) {
        return switch (grade) {
            case Grade.Scored scored -> scored.score();
            case Grade.Correct _ -> 1;
            case Grade.Wrong _, Grade.NoAnswer _, Grade.Failed _ -> 0;
        };
    }

    private static ObjectNode errors(Grade grade) {
        ObjectNode errors = Json.PLAIN.createObjectNode();
        GradeError found = grade.flag().orElse(null);
        for (GradeError each : GradeError.values()) {
            errors.put(each.flag(), each == found);
        }
        String why = found == null ? null : grade.why().orElse(null);
        errors.put("python_grader_server_error_type", found == GradeError.PYTHON_GRADER_SERVER_ERROR ? why : null);
        for (GradeError each : new GradeError[] {
            GradeError.SAMPLE_PARSE_ERROR,
            GradeError.INVALID_VARIABLE_ERROR,
            GradeError.PYTHON_GRADER_RUNTIME_ERROR,
            GradeError.MODEL_GRADER_SERVER_ERROR,
            GradeError.MODEL_GRADER_REFUSAL_ERROR,
            GradeError.MODEL_GRADER_PARSE_ERROR,
            GradeError.ENDPOINT_GRADER_SERVER_ERROR,
            GradeError.ENDPOINT_GRADER_INTERNAL_ERROR
        }) {
            errors.put(each.flag() + "_details", each == found ? why : null);
        }
        return errors.put("endpoint_grader_safety_check_error", false);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (toolbox != null) {
                toolbox.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
