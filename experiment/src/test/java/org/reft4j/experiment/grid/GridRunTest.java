package org.reft4j.experiment.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.experiment.Audience;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;

class GridRunTest {
    @TempDir
    private Path folder;

    @Test
    void aRecipeThatIsEditedMeanwhileDoesNotReachTheRunsThatAreLeft() throws IOException {
        Path file = TinyGrid.write(folder);
        Path recipe = folder.resolve("reft.yaml");
        Path out = folder.resolve("out");
        RunListener editor = _ -> {
            try {
                Files.writeString(recipe, Files.readString(recipe).replace("steps: 2", "steps: 1"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        Grid grid = GridFile.read(file);
        Toolbox.Plugins plugins = new Toolbox.Plugins(getClass().getClassLoader(), _ -> {});
        GridPlan plan = GridPlan.of(grid, out, plugins, HubProgress.NONE);

        assertTrue(new GridRun(grid, plan, out, plugins, List.of(editor), Audience.NONE).run());

        assertTrue(Files.readString(recipe).contains("steps: 1"), "edited while the warm-up ran");
        for (Grid.Cell cell : grid.cells(grid.rung("reft"), 2)) {
            assertEquals("2", RunReader.of(out.resolve(cell.path())).settings().get("steps"));
        }
    }
}
