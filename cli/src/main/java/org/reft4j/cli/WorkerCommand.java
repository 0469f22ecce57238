package org.reft4j.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.JobService;
import org.reft4j.server.ServerSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reft worker}: trains the jobs of a service without serving them, until Ctrl-C. */
@Command(
        name = "worker",
        description = "Train the jobs of a service that another machine serves.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Several machines need one PostgreSQL (database in server.yaml) and one data folder:",
            "  reft worker --data /shared/my-service",
            "",
            "Ctrl-C or SIGTERM lets a job end its step; another machine goes on with it."
        })
final class WorkerCommand implements Callable<Integer> {
    @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data folder of the service.")
    private Path data = Path.of("");

    @Option(names = "--config", paramLabel = "FILE", description = "Settings; default: server.yaml in the data folder.")
    private @Nullable Path config;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ServerSettings settings = config == null ? ServerSettings.of(data) : ServerSettings.read(config);
        PrintWriter err = spec.commandLine().getErr();
        CountDownLatch ended = new CountDownLatch(1);
        try (JobService _ = JobService.alone(data, settings);
                Interruption interruption = Interruption.on(ended::countDown)) {
            err.println("reft: training jobs of " + data + " (Ctrl-C ends)");
            err.flush();
            ended.await();
            err.println("reft: ending; a running job ends its step first");
            err.flush();
            return interruption.asked() ? 0 : Failures.FAILED;
        }
    }
}
