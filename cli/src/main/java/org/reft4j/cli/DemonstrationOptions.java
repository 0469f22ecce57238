package org.reft4j.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options of commands that show something from nothing: its size, and where its runs go. */
final class DemonstrationOptions {
    @Option(names = "--small", description = "A few steps of a tiny model: only to see that everything works.")
    private boolean small;

    @Option(names = "--runs", paramLabel = "DIR", description = "The folder of all runs. Default: runs.")
    private Path runs = Path.of("runs");

    boolean small() {
        return small;
    }

    Path runs() {
        return runs;
    }
}
