package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.server.Backup;
import org.reft4j.server.ServerSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code reft backup}: a copy of a server's data folder, while the server runs. */
@Command(
        name = "backup",
        description = "Copy a server's data folder while the server runs, or check such a copy.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true,
        footer = {
            "",
            "  reft backup --data my-service --to /backups/monday     copy and check; the server goes on",
            "  reft backup --check /backups/monday                    is the copy still as it was made?",
            "  reft serve --data /backups/monday                      restore: start with the copy, or move it back first",
            "",
            "The copy is the service as if it had been killed at one moment: the database of that moment, all files",
            "and models that it names, and running jobs with their checkpoints, from which they go on. It exists",
            "once it is whole, and not before. Files that are one file by several names stay that.",
            "",
            "Models of the settings lie elsewhere (on the hub, in your folders) and are not copied, nor is a settings",
            "file outside DATA. With PostgreSQL the database is dumped into the copy by pg_dump, and restored so:",
            "  createdb reft2 && pg_restore --no-owner --dbname=reft2 COPY/reft.pgdump",
            "with database: jdbc:postgresql://…/reft2 in COPY/server.yaml. More: docs/server-operation.md"
        })
final class BackupCommand implements Callable<Integer> {
    private static final double GIB = 1L << 30;
    private static final long TELL_EVERY_NS = 2_000_000_000L;

    @Option(names = "--data", paramLabel = "DIR", description = "Data folder of the server.")
    private @Nullable Path data;

    @Option(names = "--to", paramLabel = "COPY", description = "Folder to make; best on another disk.")
    private @Nullable Path copy;

    @Option(names = "--check", paramLabel = "COPY", description = "Check a copy that was made instead.")
    private @Nullable Path check;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The server's settings; default: server.yaml in the data folder.")
    private @Nullable Path config;

    @Mixin
    private Output output = new Output();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        if (check != null) {
            if (data != null || copy != null) {
                throw new ParameterException(spec.commandLine(), "--check goes without --data and --to");
            }
            return checked(check);
        }
        if (data == null || copy == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "missing " + (data == null ? "--data, the folder to copy" : "--to, the folder to make"));
        }
        ServerSettings settings = config == null ? ServerSettings.of(data) : ServerSettings.read(config);
        Backup.Made made = Backup.make(data, settings, copy, progress());
        made.remarks().forEach(remark -> output.remark("warning: %s", remark));
        output.say(
                "%,d files, %.2f GiB in %s, read back and whole",
                made.files(), made.bytes() / GIB, Output.pasted(made.copy()));
        output.remark("restore: reft serve --data %s", Output.pasted(made.copy()));
        ObjectNode figures = Json.PLAIN.createObjectNode();
        figures.put("copy", made.copy().toString()).put("files", made.files()).put("bytes", made.bytes());
        ArrayNode remarks = figures.putArray("warnings");
        made.remarks().forEach(remarks::add);
        output.figures(figures);
        return 0;
    }

    private LongConsumer progress() {
        long[] told = {System.nanoTime()};
        return bytes -> {
            if (System.nanoTime() - told[0] > TELL_EVERY_NS) {
                told[0] = System.nanoTime();
                output.remark("%.2f GiB so far", bytes / GIB);
            }
        };
    }

    private int checked(Path folder) {
        List<String> faults = Backup.faults(folder);
        ObjectNode figures = Json.PLAIN.createObjectNode();
        ArrayNode all = figures.putArray("faults");
        faults.forEach(all::add);
        output.figures(figures);
        if (faults.isEmpty()) {
            output.say("%s is as it was made", Output.pasted(folder));
            return 0;
        }
        faults.stream().limit(20).forEach(fault -> output.remark("%s", fault));
        output.remark(
                "%s is not as it was made (%d files); a server that was started on it changes it too",
                Output.pasted(folder), faults.size());
        return Failures.FAILED;
    }
}
