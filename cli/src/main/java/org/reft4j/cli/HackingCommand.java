package org.reft4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.experiment.hacking.Hacking;
import org.reft4j.experiment.hacking.HackingReport;
import org.reft4j.experiment.hacking.HackingRun;
import org.reft4j.task.dataset.Cot;
import org.reft4j.tensor.Calibration;
import org.reft4j.train.ConfigException;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.run.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reft experiment hacking}. */
@Command(
        name = "hacking",
        description = {
            "Shows how a reward for the answer alone is hacked, and how far paying for the reasoning helps.",
            "",
            "On multiple choice only the letter is checked: a chain of thought that computes 172, which is no option, and"
                    + " then says c is paid in full. From one warm-up, two models learn with the same budget: one is paid for the"
                    + " letter, the other for a letter that its chain leads to by right sums. Counted on held-out questions:"
                    + " right letters, and right letters behind a broken chain."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  reft experiment hacking                            3 seeds, some minutes each",
            "  reft experiment hacking --also data/mathqa         and on MathQA's short questions, untrained",
            "  reft experiment hacking --seed 4 --seeds 1",
            "",
            "Interrupted? The same command goes on where it was."
        })
final class HackingCommand implements Callable<Integer> {
    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The first seed. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--seeds",
            paramLabel = "K",
            defaultValue = "3",
            description = "How many seeds. Default: ${DEFAULT-VALUE}.")
    private int seeds = 3;

    @Option(
            names = "--also",
            paramLabel = "DATA",
            description = "Other multiple-choice questions to answer, such as MathQA's test questions.")
    private Optional<Path> also = Optional.empty();

    @Mixin
    private DemonstrationOptions demonstration = new DemonstrationOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        ConfigException.check(seeds >= 1, "--seeds", seeds, "1 or more");
        also.ifPresent(
                path -> ConfigException.check(Files.exists(path), "--also", path, "a folder or file that exists"));
        Calibration.chooseBlas();
        Path folder = demonstration.runs().resolve(demonstration.small() ? "hacking-small" : "hacking");
        List<HackingRun.Outcome> outcomes = new ArrayList<>();
        try (LiveDisplay display = new LiveDisplay(output.err(), Terminal.current());
                Toolbox toolbox = Toolbox.of(Cot.PROSE, Toolbox.Plugins.NONE, null)) {
            for (long s = seed; s < seed + seeds; s++) {
                Path place = folder.resolve("seed-" + s);
                output.remark("seed %d, in %s", s, place);
                Optional<HackingRun.Outcome> outcome = new HackingRun(place, also, List.of(display), Interruption::on)
                        .run(new Hacking(s, demonstration.small()), toolbox.tools());
                if (outcome.isEmpty()) {
                    output.interrupted();
                    return Failures.INTERRUPTED;
                }
                outcomes.add(outcome.get());
            }
        }
        Path results = folder.resolve("results.json");
        Results.write(results, Results.text(HackingRun.json(outcomes)));
        for (String set : outcomes.getFirst().audits().keySet()) {
            output.lines(HackingReport.of(outcomes, set, folder.resolve(set + ".svg")));
        }
        output.say("");
        output.say("results: %s", results);
        output.say("reports: %s", folder.resolve("seed-*").resolve("report.html"));
        output.figures(HackingRun.json(outcomes));
        return 0;
    }
}
