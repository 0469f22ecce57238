package org.reft4j.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.http.RequestLog;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code reft serve}: the service, until Ctrl-C. */
@Command(
        name = "serve",
        description = "Serve OpenAI's fine-tuning API on this machine.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "Clients of OpenAI work unchanged with another base URL:",
            "  reft serve --data my-service",
            "  export OPENAI_BASE_URL=http://127.0.0.1:8733/v1 OPENAI_API_KEY=any",
            "  python -c 'import openai; print(openai.OpenAI().models.list())'",
            "",
            "Without keys only programs of this machine can reach it. Other addresses need keys:",
            "  reft keys create --data my-service --name laptop",
            "  reft serve --data my-service --host 0.0.0.0",
            "",
            "server.yaml in the data folder, or --config, maps names of models and sets limits:",
            "  models:",
            "    o4-mini-2025-04-16: Qwen/Qwen3-0.6B     a name on the hub, a folder or a run",
            "  limits:",
            "    files-gib: 50                           quota of a project",
            "",
            "DATA holds everything: reft.db, files, jobs. Ctrl-C or SIGTERM ends the server; requests under way",
            "come to their end. All settings: docs/server.md"
        })
final class ServeCommand implements Callable<Integer> {
    private static final String CARRIERS = "32";

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Data folder; made if it is not there.")
    private Path data = Path.of("");

    @Option(names = "--config", paramLabel = "FILE", description = "Settings; default: server.yaml in the data folder.")
    private @Nullable Path config;

    @Option(names = "--host", paramLabel = "ADDRESS", description = "Address to listen at, instead of the settings'.")
    private @Nullable String host;

    @Option(
            names = "--port",
            paramLabel = "NUMBER",
            description = "Port to listen at, instead of the settings'; 0: any.")
    private @Nullable Integer port;

    @Option(
            names = "--log-requests",
            description = "Write the log of requests to standard output too; it is in DATA/logs.")
    private boolean logRequests;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        // SQLite's calls hold the thread that a virtual thread runs on, and there are only as many of these as cores
        // otherwise.
        System.setProperty("jdk.virtualThreadScheduler.parallelism", CARRIERS);
        ServerSettings settings = config == null ? ServerSettings.of(data) : ServerSettings.read(config);
        if (host != null) {
            settings = settings.withHost(host);
        }
        if (port != null) {
            settings = settings.withPort(port);
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        CountDownLatch ended = new CountDownLatch(1);
        RequestLog log = logRequests ? line -> out.println(line) : RequestLog.NONE;
        // Closed last: the process lives until the server has ended.
        try (Interruption _ = Interruption.on(ended::countDown);
                Server server = Server.start(data, settings, log)) {
            server.awaitReady();
            err.println("reft: serving " + data + " at " + server.address() + "/v1 (Ctrl-C ends)");
            err.println("reft: dashboard: " + server.dashboard());
            server.remarks().forEach(remark -> err.println("reft: warning: " + remark));
            err.flush();
            ended.await();
            err.println("reft: ending; requests under way come to their end");
            err.flush();
            return 0;
        }
    }
}
