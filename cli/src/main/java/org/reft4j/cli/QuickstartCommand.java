package org.reft4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.cli.DataOptions.CotConverter;
import org.reft4j.experiment.WholeProgress;
import org.reft4j.experiment.quickstart.Quickstart;
import org.reft4j.experiment.quickstart.QuickstartReport;
import org.reft4j.experiment.quickstart.QuickstartRun;
import org.reft4j.task.dataset.Cot;
import org.reft4j.tensor.Calibration;
import org.reft4j.train.job.Toolbox;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reft quickstart}: the whole story in minutes, on questions that come with the program. */
@Command(
        name = "quickstart",
        description = {
            "Shows what reinforced fine-tuning does, in " + QuickstartCommand.TIME
                    + " on two cores, without any download.",
            "",
            "Reasoning annotated by hand is dear, answers are cheap: of the embedded word problems a few hundred come with an"
                    + " annotated chain of thought and a few thousand with the answer alone. A small new model is first trained on"
                    + " the annotated ones (warm-up); from there, supervised training goes on (SFT), and reinforced fine-tuning learns"
                    + " from all questions (ReFT). All three answer the same held-out questions."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  reft quickstart                      programs as chains of thought",
            "  reft quickstart --cot n              prose",
            "  reft quickstart --same-questions     the paper's setting: both see the annotated questions only",
            "  reft quickstart --seeds 5            five times, with an interval over seeds",
            "",
            "Interrupted? The same command goes on where it was."
        })
final class QuickstartCommand implements Callable<Integer> {
    /** The time that it takes, in the words of this help, the README and the page of results. */
    static final String TIME = "five to seven minutes";

    /** The parts, with their seconds in docs/results/quickstart.md, seed 1: what each is of the whole. The speed of a machine shows as it goes. */
    private static final List<WholeProgress.Part> PARTS = List.of(
            new WholeProgress.Part("warm-up", 21),
            new WholeProgress.Part("SFT, continued", 8),
            new WholeProgress.Part("ReFT", 163),
            new WholeProgress.Part("test questions", 4));

    @Option(
            names = "--cot",
            paramLabel = "p|n",
            defaultValue = "p",
            converter = CotConverter.class,
            description = "Chains of thought: p programs, n prose. Default: ${DEFAULT-VALUE}.")
    private Cot cot = Cot.PROGRAM;

    @Option(
            names = "--same-questions",
            description = "Reinforced fine-tuning sees the annotated questions only, as in the paper.")
    private boolean sameQuestions;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of data, weights and sampling. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(
            names = "--seeds",
            paramLabel = "K",
            defaultValue = "1",
            description = "Repeat with K seeds, from --seed on. Default: ${DEFAULT-VALUE}.")
    private int seeds = 1;

    @Mixin
    private DemonstrationOptions demonstration = new DemonstrationOptions();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw new org.reft4j.train.ConfigException("--seeds is " + seeds + "; expected 1 or more");
        }
        Calibration.chooseBlas();
        List<QuickstartRun.Outcome> outcomes = new ArrayList<>();
        try (LiveDisplay display = new LiveDisplay(output.err(), Terminal.current());
                Toolbox toolbox = Toolbox.of(cot, Toolbox.Plugins.NONE, null)) {
            List<WholeProgress.Part> all = Collections.nCopies(seeds, PARTS).stream()
                    .flatMap(List::stream)
                    .toList();
            WholeProgress progress = new WholeProgress(all, System::nanoTime);
            for (int i = 0; i < seeds; i++) {
                Quickstart settings = new Quickstart(cot, seed + i, sameQuestions, demonstration.small());
                Path folder = demonstration.runs().resolve(settings.name());
                output.remark("%s: seed %d, in %s", "quickstart", settings.seed(), folder);
                int before = i * PARTS.size();
                Optional<QuickstartRun.Outcome> outcome = new QuickstartRun(
                                settings,
                                folder,
                                List.of(display),
                                part -> display.begin(progress, before + part),
                                Interruption::on)
                        .run(toolbox.tools());
                if (outcome.isEmpty()) {
                    output.interrupted();
                    return Failures.INTERRUPTED;
                }
                outcomes.add(outcome.get());
                if (seeds == 1) {
                    output.lines(QuickstartReport.of(outcome.get(), folder));
                } else {
                    output.say("seed %d: %s", settings.seed(), QuickstartReport.line(outcome.get()));
                }
            }
        }
        if (seeds == 1) {
            output.figures(outcomes.getFirst().json());
        } else {
            output.show(QuickstartReport.ofSeeds(outcomes));
        }
        return 0;
    }
}
