package org.reft4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.access.ApiKey;
import org.reft4j.server.access.Keys;
import org.reft4j.server.http.Caller;
import org.reft4j.server.store.Database;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code reft keys}: keys of a server's clients. */
@Command(
        name = "keys",
        description = "Make, list and revoke the keys of a server.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KeysCommand.Create.class, KeysCommand.Listing.class, KeysCommand.Revoke.class},
        footer = {
            "",
            "  reft keys create --data my-service --name laptop",
            "  reft keys create --data my-service --name ci --project demo --role read",
            "  reft keys list --data my-service",
            "  reft keys revoke --data my-service key_…",
            "",
            "A key belongs to a project and sees nothing of others. It is shown once; only its digest is kept.",
            "A running server knows of changes at once."
        })
final class KeysCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** The server whose keys they are. */
    static final class Service {
        @Option(names = "--data", required = true, paramLabel = "DIR", description = "Data folder of the server.")
        private Path data = Path.of("");

        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "Its settings; default: server.yaml in the data folder.")
        private @Nullable Path config;

        Database open() throws java.io.IOException {
            Files.createDirectories(data);
            return Server.database(data, config == null ? ServerSettings.of(data) : ServerSettings.read(config));
        }
    }

    /** {@code reft keys create}. */
    @Command(
            name = "create",
            description = "Make a key; it is shown once.",
            mixinStandardHelpOptions = true,
            showDefaultValues = true)
    static final class Create implements Callable<Integer> {
        @Mixin
        private Service service = new Service();

        @Mixin
        private Output output = new Output();

        @Option(names = "--name", paramLabel = "TEXT", description = "Purpose, for the list.")
        private String name = "unnamed";

        @Option(names = "--project", paramLabel = "NAME", description = "Project that it belongs to.")
        private String project = Keys.DEFAULT_PROJECT;

        @Option(names = "--role", description = "Rights: ${COMPLETION-CANDIDATES}, each with those before it.")
        private Caller.Role role = Caller.Role.WRITE;

        @Option(names = "--tinker", description = "Begin it with tml-, which clients of Tinker insist on.")
        private boolean tinker;

        @Override
        public Integer call() throws java.io.IOException {
            try (Database database = service.open()) {
                Keys.Created made =
                        new Keys(database).create(project, name, role, tinker ? Keys.Style.TINKER : Keys.Style.REFT);
                output.say("%s", made.secret());
                output.remark(
                        "key %s of project %s, role %s; it is not shown again",
                        made.key().id(), project, role.name().toLowerCase(Locale.ROOT));
                output.figures(described(made.key()).put("key", made.secret()));
                return 0;
            }
        }
    }

    /** {@code reft keys list}. */
    @Command(name = "list", description = "List the keys, without their secrets.", mixinStandardHelpOptions = true)
    static final class Listing implements Callable<Integer> {
        @Mixin
        private Service service = new Service();

        @Mixin
        private Output output = new Output();

        @Override
        public Integer call() throws java.io.IOException {
            try (Database database = service.open()) {
                List<ApiKey> keys = new Keys(database).list();
                ObjectNode figures = Json.PLAIN.createObjectNode();
                ArrayNode all = figures.putArray("keys");
                for (ApiKey key : keys) {
                    all.add(described(key));
                    output.say(
                            "%s  %-14s %-5s  %-12s %s  %s%s",
                            key.id(),
                            key.hint(),
                            key.role().name().toLowerCase(Locale.ROOT),
                            key.project(),
                            Instant.ofEpochMilli(key.createdMs() / 1000 * 1000),
                            key.name(),
                            key.revokedMs() == null ? "" : "  (revoked)");
                }
                if (keys.isEmpty()) {
                    output.remark("no keys; programs of this machine need none");
                }
                output.figures(figures);
                return 0;
            }
        }
    }

    /** {@code reft keys revoke}. */
    @Command(name = "revoke", description = "Make a key worthless at once.", mixinStandardHelpOptions = true)
    static final class Revoke implements Callable<Integer> {
        @Mixin
        private Service service = new Service();

        @Parameters(paramLabel = "ID", description = "Id of the key, as reft keys list shows it.")
        private String id = "";

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws java.io.IOException {
            try (Database database = service.open()) {
                if (!new Keys(database).revoke(id)) {
                    throw new ParameterException(
                            spec.commandLine(), "there is no key " + id + " to revoke; reft keys list shows them");
                }
                spec.commandLine().getErr().println("revoked " + id);
                return 0;
            }
        }
    }

    private static ObjectNode described(ApiKey key) {
        return Json.PLAIN
                .createObjectNode()
                .put("id", key.id())
                .put("name", key.name())
                .put("project", key.project())
                .put("role", key.role().name().toLowerCase(Locale.ROOT))
                .put("created", Instant.ofEpochMilli(key.createdMs()).toString())
                .put("revoked", key.revokedMs() != null);
    }
}
