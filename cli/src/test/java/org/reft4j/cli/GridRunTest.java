package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.run.RunListener;
import org.reft4j.train.run.RunReader;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class GridRunTest {
    @TempDir
    private Path folder;

    @Test
    void aRecipeThatIsEditedMeanwhileDoesNotReachTheRunsThatAreLeft() throws IOException {
        Path file = TinyGrid.write(folder, TinyGrid.GRID);
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
        Output output = silent();
        GraderOptions.Plugins plugins = new GraderOptions.Plugins();
        GridPlan plan = GridPlan.of(grid, out, plugins, new FetchDisplay(output));

        assertTrue(new GridRun(grid, plan, out, plugins, List.of(editor), output).run());

        assertTrue(Files.readString(recipe).contains("steps: 1"), "edited while the warm-up ran");
        for (Grid.Cell cell : grid.cells(grid.rung("reft"), 2)) {
            assertEquals("2", RunReader.of(out.resolve(cell.path())).settings().get("steps"));
        }
    }

    private static Output silent() {
        Said said = new Said();
        new CommandLine(said).setOut(new PrintWriter(new StringWriter())).setErr(new PrintWriter(new StringWriter()));
        return said.output;
    }

    /** A command that says nothing that anybody hears. */
    @Command(name = "said")
    private static final class Said {
        @Mixin
        private Output output = new Output();
    }
}
