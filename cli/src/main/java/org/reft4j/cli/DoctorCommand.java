package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.http.RequestLog;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Torch;
import org.reft4j.train.job.Examination;
import org.reft4j.train.job.Examination.Finding;
import org.reft4j.train.run.Results;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code reft doctor}. */
@Command(
        name = "doctor",
        description = {
            "Looks at what the program needs and finds here, and says what each finding means.",
            "Exit status 1 if something is missing that nothing works without."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Environment:",
            "  JAVA_HOME        the JDK, 25 or later",
            "  REFT_JAVA_OPTS   more options for the JVM, such as -Xmx8g",
            "  REFT_BLAS        openblas or mkl instead of the quicker one",
            "  REFT_CUDA=1      build with CUDA (several GB)",
            "  OMP_NUM_THREADS  threads for one product; default: all cores",
            "  NO_COLOR         no colours",
            "  HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE",
            "                   where models by name come from and are kept, as for other tools",
            "",
            "Examples:",
            "  reft doctor",
            "  reft doctor --measure        measure the machine's speed again",
            "  reft doctor --json"
        })
final class DoctorCommand implements Callable<Integer> {
    @Option(
            names = "--measure",
            description = "Measure the speed of products again, whatever is known of this machine.")
    private boolean measure;

    @Option(names = "--start-only", hidden = true, description = "Load everything and say nothing.")
    private boolean startOnly;

    @Mixin
    private Output output = new Output();

    /** Loads what a server needs, so that the launcher's archive of classes has it. */
    private static void startServer() {
        try {
            Path data = Files.createTempDirectory("reft-start-");
            try (Server server = Server.start(data, ServerSettings.DEFAULTS.withPort(0), RequestLog.NONE)) {
                server.awaitReady();
                try (InputStream answer =
                        server.address().resolve("/v1/models").toURL().openStream()) {
                    answer.readAllBytes();
                }
            } finally {
                DurableFiles.deleteTree(data);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Integer call() {
        if (startOnly) {
            Torch.start();
            startServer();
            return 0;
        }
        if (measure) {
            Calibration.chooseBlas();
            Calibration _ = Calibration.renew();
        }
        List<Finding> findings = Examination.all();
        ObjectNode figures = Results.object();
        ArrayNode list = figures.putArray("findings");
        for (Finding finding : findings) {
            output.say("%-8s %-18s %s", sign(finding.state()), finding.name(), finding.found());
            if (!finding.meaning().isEmpty()) {
                output.say("%-8s %-18s %s", "", "", finding.meaning());
            }
            ObjectNode entry = list.addObject();
            entry.put("name", finding.name());
            entry.put("state", finding.state().name().toLowerCase(Locale.ROOT));
            entry.put("found", finding.found());
            entry.put("meaning", finding.meaning());
        }
        long missing = findings.stream()
                .filter(finding -> finding.state() == Finding.State.MISSING)
                .count();
        figures.put("ready", missing == 0);
        output.say("%n%s", missing == 0 ? "Ready." : missing + " essential thing(s) missing: see above.");
        output.figures(figures);
        return missing == 0 ? 0 : Failures.FAILED;
    }

    private static String sign(Finding.State state) {
        return switch (state) {
            case GOOD -> "ok";
            case NOTE -> "note";
            case MISSING -> "MISSING";
        };
    }
}
