package org.reft4j.train.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunEnd;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.RunSummary;
import org.reft4j.train.run.Sheet;

/** The last words about a job: what was gained, the model that it leaves, and its report. Listens to the run while it trains. */
public final class JobSummary implements RunListener {
    private int step;
    private boolean stopped;
    private Map<String, Double> metrics = Map.of();

    @Override
    public void on(RunEvent event) {
        step = Math.max(step, event.step());
        if (event instanceof RunEvent.Stepped stepped) {
            metrics = stepped.metrics();
        }
        if (event instanceof RunEvent.Finished finished) {
            stopped = finished.outcome() != RunEvent.Outcome.DONE;
        }
    }

    /** True if the run ended before its last step. */
    public boolean stopped() {
        return stopped;
    }

    /** In both forms. Writes the run's page. */
    public Sheet sheet(FinishedJob job) {
        Sheet sheet = new Sheet();
        RunReader reader = RunReader.of(job.folder());
        RunSummary end = RunSummary.of(reader);
        RunEnd.lines(end).forEach(line -> sheet.say("%s", line));
        job.checkpoint().ifPresent(model -> sheet.say("model: %s", model.folder()));
        Path page = RunEnd.report(reader);
        sheet.say("report: %s", page);
        ObjectNode figures = sheet.figures();
        figures.put("run", job.folder().toString());
        figures.put("outcome", stopped ? "stopped" : "done");
        figures.put("step", step);
        RunEnvironment.arithmetic(figures);
        ObjectNode last = figures.putObject("metrics");
        metrics.forEach((name, value) -> last.set(name, Results.number(value)));
        job.checkpoint().ifPresent(model -> {
            figures.put("model", model.folder().toString());
            figures.set("validation-accuracy", Results.number(model.score()));
        });
        RunEnd.put(figures, end);
        figures.put("report", page.toString());
        return sheet;
    }
}
