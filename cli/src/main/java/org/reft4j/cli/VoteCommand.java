package org.reft4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft vote}. */
@Command(
        name = "vote",
        description = {
            "Says what the samples of a folder are good for: the greedy answer, the answer of most of k samples (vote@k),",
            "and whether one of k is right (pass@k), each with its 95 %% interval."
        },
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Examples:",
            "  reft vote samples/my-run",
            "  reft vote samples/my-run --k 1,8,64 --json",
            "",
            "Works while reft sample goes on, with the questions that are complete."
        })
final class VoteCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FOLDER", description = "A folder that reft sample made.")
    private Path folder = Path.of("");

    @Option(
            names = "--k",
            paramLabel = "K",
            split = ",",
            description = "How many samples. Default: 1, 2, 4, ... and all of them.")
    private List<Integer> ks = new ArrayList<>();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        List<SampledQuestion> questions = SampleReader.questions(folder);
        SampleSettings settings = SampleReader.settings(folder).orElseThrow();
        SampleTable table = SampleTable.of(folder, settings, questions, ks);
        table.print(output);
        output.figures(table.json());
        return 0;
    }
}
