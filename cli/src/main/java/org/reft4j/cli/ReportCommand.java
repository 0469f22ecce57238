package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.reft4j.train.run.Report;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code reft report}. */
@Command(
        name = "report",
        description =
                "Writes report.html of one run or several: curves, what the model wrote, token by token. One file that needs"
                        + " no network; works while a run goes on.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  reft report runs/my-run",
            "  reft report runs/kl-0.01 runs/kl-0.1 --out comparison.html"
        })
final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "RUN", arity = "1..*", description = "Folders of runs; several are laid over each other.")
    private List<Path> runs = new ArrayList<>();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "The page. Default: report.html in the first run's folder")
    private Optional<Path> out = Optional.empty();

    @Mixin
    private Output output = new Output();

    @Override
    public Integer call() throws IOException {
        Path page = out.orElseGet(() -> runs.getFirst().resolve("report.html"));
        List<Report.Labelled> labelled = runs.stream()
                .map(folder -> new Report.Labelled(label(folder), RunReader.of(folder)))
                .toList();
        Path results = runs.getFirst().resolve("results.json");
        Report.write(
                labelled,
                page,
                Files.isRegularFile(results) ? Optional.of(Files.readString(results)) : Optional.empty());
        output.say("%s", page.toAbsolutePath().normalize().toUri());
        ObjectNode figures = Results.object();
        figures.put("report", page.toString());
        figures.put("bytes", Files.size(page));
        output.figures(figures);
        return 0;
    }

    private static String label(Path folder) {
        return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    }
}
