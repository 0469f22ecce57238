package org.reft4j.experiment.grid;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.reft4j.experiment.RunCost;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.run.Sheet;

/** The runs of a grid, what is done of them, and the memory, disk space and time that the others will take. */
public final class GridForecast {
    private GridForecast() {}

    /** @param folder folder of the experiment, which may be new */
    public static Sheet of(Grid grid, GridPlan plan, Path folder) {
        Sheet sheet = new Sheet();
        ObjectNode figures = sheet.figures().put("name", grid.name()).put("folder", folder.toString());
        sheet.say("%s: %d runs in %s", grid.name(), grid.cells().size(), folder);
        sheet.say("%n%-34s %6s %9s %12s  %s", "rung", "seeds", "steps", "memory", "state");
        ArrayNode rungs = figures.putArray("rungs");
        double seconds = 0;
        boolean all = true;
        for (GridPlan.Stage stage : plan.stages().values()) {
            List<RunReader> done =
                    begun(grid, stage, folder).stream().filter(RunReader::ended).toList();
            RunCost cost = RunCost.mean(done.stream().map(RunCost::of).toList());
            int left = grid.seeds().size() - done.size();
            seconds += left * cost.seconds();
            all &= left == 0 || !done.isEmpty();
            sheet.say(
                    "%-34s %6d %9s %8.1f MiB  %d of %d done%s",
                    stage.cell().group(),
                    grid.seeds().size(),
                    stage.steps() == 0 ? "?" : stage.steps(), // samples that are still to come decide
                    stage.plan().memory().totalBytes() / (double) (1 << 20),
                    done.size(),
                    grid.seeds().size(),
                    done.isEmpty() ? "" : ", " + Results.duration(cost.seconds()) + " each");
            rungs.addObject()
                    .put("rung", stage.cell().group())
                    .put("seeds", grid.seeds().size())
                    .put("steps", stage.steps())
                    .put("memory-bytes", stage.plan().memory().totalBytes())
                    .put("done", done.size());
        }
        long disk = plan.diskBytes(grid);
        sheet.say("%nabout %.2f GiB of checkpoints when all is done", disk / (double) (1 << 30));
        sheet.say(
                "%s",
                seconds > 0
                        ? (all ? "about " : "at least ") + Results.duration(seconds) + " of training left"
                        : all ? "all training is done" : "time: known once a run of each rung is done");
        figures.put("disk-bytes", disk).put("training-seconds-left", seconds).put("estimate-complete", all);
        return sheet;
    }

    private static List<RunReader> begun(Grid grid, GridPlan.Stage stage, Path folder) {
        return grid.cells().stream()
                .filter(cell -> cell.group().equals(stage.cell().group()))
                .map(cell -> folder.resolve(cell.path()))
                .filter(run -> Files.isRegularFile(run.resolve("config.yaml")))
                .map(RunReader::of)
                .toList();
    }
}
