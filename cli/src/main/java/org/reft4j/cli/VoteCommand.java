package org.reft4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.reft4j.experiment.SampleTable;
import org.reft4j.train.ConfigException;
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
        check(folder, settings, ks);
        SampleTable table = SampleTable.of(folder, settings, questions, ks);
        table.remarks().forEach(remark -> output.remark("%s", remark));
        output.show(table.sheet());
        return 0;
    }

    /** Refuses, before anything is computed, numbers of samples that the folder does not have. */
    static void check(Path folder, SampleSettings settings, List<Integer> ks) {
        for (int k : ks) {
            ConfigException.check(
                    k >= 1 && k <= settings.samples(),
                    "--k",
                    k,
                    "1 to " + settings.samples() + ", the samples of each question in " + folder);
        }
    }
}
