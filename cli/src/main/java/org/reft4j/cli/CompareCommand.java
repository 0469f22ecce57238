package org.reft4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.reft4j.experiment.AnsweredFolder;
import org.reft4j.experiment.FolderComparison;
import org.reft4j.train.ConfigException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft compare}. */
@Command(
        name = "compare",
        description = {
            "Compares runs or evaluations on the same questions: the first with each of the others.",
            "",
            "Of a run the test answers that an experiment left count, else the validation answers of its chosen checkpoint. The test is"
                    + " McNemar's, exact; with three and more folders p is corrected after Holm."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  reft compare runs/ladder/sft/seed-1 runs/ladder/reft/seed-1",
            "  reft compare runs/evaluate-sft-svamp runs/evaluate-reft-svamp --show 5",
            "  reft compare runs/a runs/b runs/c --json"
        })
final class CompareCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FOLDER",
            arity = "2..*",
            description = "Folders of runs or of evaluations; others are compared with the first.")
    private List<Path> folders = new ArrayList<>();

    @Option(
            names = "--show",
            paramLabel = "N",
            defaultValue = "0",
            description = "Print N questions that became right and N that became wrong. Default: ${DEFAULT-VALUE}.")
    private int show;

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(folders.size() >= 2, "FOLDER", folders, "two folders or more");
        ConfigException.check(show >= 0, "--show", show, "0 or more");
        List<AnsweredFolder> answered = folders.stream().map(AnsweredFolder::of).toList();
        output.show(FolderComparison.of(answered, show));
        return 0;
    }
}
