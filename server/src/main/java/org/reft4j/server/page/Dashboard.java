package org.reft4j.server.page;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Caller;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.StoredFiles;
import org.reft4j.train.run.Run.Checkpoint;

/**
 * The pages of the dashboard, by the operations of {@code openapi/pages.yaml}. They show what the caller's key may see and change nothing:
 * buttons send what any client of the API would send.
 */
public final class Dashboard {
    private static final int EVENTS = 200;
    private static final String JOB = "job";

    private final Works works;
    private final StoredFiles files;
    private final Assets assets = new Assets();
    private final Changes changes = new Changes();
    private final Totals totals = new Totals();

    /**
     * @param data the folder that is searched for runs of the command line
     * @param shared the project that these runs belong to
     */
    public Dashboard(Path data, JobTable table, String shared, StoredFiles files) {
        this.works = new Works(data, table, shared);
        this.files = files;
    }

    /** The handlers by the id of their operation. */
    public Map<String, Endpoint> handlers() {
        Map<String, Endpoint> handlers = new LinkedHashMap<>();
        handlers.put("getAsset", assets::reply);
        handlers.put("showJobs", page("jobs", call -> JobsPage.of(works.all(call.caller()))));
        handlers.put("showJob", page("job", this::job));
        handlers.put("watchJob", this::watch);
        handlers.put("getJobFigures", this::figures);
        handlers.put("showRollouts", page("rollouts", this::rollouts));
        handlers.put("exportRollouts", this::export);
        handlers.put("showRollout", page("rollout", call -> RolloutPage.of(work(call), run(call), call)));
        handlers.put("showGroup", page("group", call -> GroupPage.of(work(call), run(call), call)));
        handlers.put("showQuestion", page("question", call -> QuestionPage.of(work(call), run(call), call)));
        handlers.put("showAnswers", page("answers", this::answers));
        handlers.put("downloadCheckpoint", this::checkpoint);
        handlers.put(
                "showComparison", page("compare", call -> ComparePage.of(compared(call), works.all(call.caller()))));
        handlers.put("getComparisonFigures", this::comparedFigures);
        handlers.put("showFiles", page("files", this::files));
        handlers.put("showFile", page("file", this::file));
        handlers.put("getFileRows", call -> Reply.json(file(call).json()));
        handlers.put("showGraders", page("graders", call -> works.all(call.caller())));
        handlers.put("showNewJob", page("new", this::like));
        handlers.put("showChat", page("chat", call -> ChatPage.of(works, call)));
        return handlers;
    }

    private static Endpoint page(String template, Function<Call, Object> model) {
        return call -> {
            try {
                return Templates.page(200, template, model.apply(call));
            } catch (ApiError e) {
                return Templates.page(e.status(), "error", e);
            }
        };
    }

    private Work work(Call call) {
        return works.find(call.caller(), call.path(JOB));
    }

    private Snapshot run(Call call) {
        return works.run(call.caller(), call.path(JOB));
    }

    private JobPage job(Call call) {
        Work work = work(call);
        return work.job().isPresent()
                ? JobPage.of(work, works.events(work.id(), EVENTS), works.checkpoints(work.id()))
                : JobPage.of(work, List.of(), Map.of());
    }

    private Reply watch(Call call) {
        Work work = work(call);
        Caller caller = call.caller();
        return changes.stream(
                caller.project() + " " + caller.role() + " " + work.id(), () -> works.signature(caller, work));
    }

    /** The request of the job that a new one is to be like; empty for a form without one. */
    private String like(Call call) {
        return call.query("like")
                .flatMap(id -> works.find(call.caller(), id).job())
                .map(JobTable.Entry::request)
                .orElse("");
    }

    private Reply figures(Call call) {
        return Reply.json(Charts.of(run(call), work(call).chosen()));
    }

    private RolloutsPage rollouts(Call call) {
        return RolloutsPage.of(work(call), run(call), RolloutFilter.of(call), totals);
    }

    private Reply export(Call call) {
        RolloutFilter filter = RolloutFilter.of(call);
        return switch (call.path("format")) {
            case "jsonl" -> Exports.lines(run(call).run(), filter.query(), filter.first());
            case "csv" -> Exports.csv(run(call).run(), filter.query(), filter.first());
            default -> throw ApiError.missing("format", null, "Rollouts come as jsonl and as csv.");
        };
    }

    private FilesPage files(Call call) {
        return FilesPage.of(
                files,
                call.caller().project(),
                call.query("after").map(id -> stored(call, id)).orElse(null));
    }

    private FilePage file(Call call) {
        StoredFile file = stored(call, call.path("file"));
        try {
            return FilePage.of(file, files.path(file));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the file " + file.id(), e);
        }
    }

    private StoredFile stored(Call call, String id) {
        return files.find(call.caller().project(), id)
                .orElseThrow(() -> ApiError.missing(
                        "file", null, "There is no file " + id + "; it was deleted, or belongs to another project."));
    }

    private AnswersPage answers(Call call) {
        return AnswersPage.of(work(call), run(call), step(call.query("step").orElse("")));
    }

    private Reply checkpoint(Call call) {
        int step = step(call.path("step"));
        Checkpoint found = run(call).checkpoints().stream()
                .filter(each -> each.step() == step)
                .findFirst()
                .orElseThrow(() -> ApiError.missing(
                        "step",
                        null,
                        "There is no checkpoint of step " + step + "; older ones are deleted as training goes on."));
        return Exports.archive(call.path(JOB).replaceAll("[^A-Za-z0-9._-]", "-") + "-step-" + step, found.folder());
    }

    private static int step(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException _) {
            throw ApiError.invalid("step", "“" + text + "” is not a step.");
        }
    }

    private List<Work> compared(Call call) {
        List<String> ids =
                call.query().getOrDefault(JOB, List.of()).stream().distinct().toList();
        if (ids.size() > ComparePage.MOST) {
            throw ApiError.invalid(JOB, "Up to " + ComparePage.MOST + " jobs can be compared at once.");
        }
        return ids.stream().map(id -> works.find(call.caller(), id)).toList();
    }

    private Reply comparedFigures(Call call) {
        List<Charts.Named> runs = new ArrayList<>();
        compared(call).forEach(work -> work.snapshot().ifPresent(run -> runs.add(new Charts.Named(work.name(), run))));
        return Reply.json(Charts.of(runs));
    }
}
