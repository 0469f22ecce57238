package org.reft4j.server;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.settings.SettingException;
import org.reft4j.train.config.ConfigFile;

/**
 * The settings of the service, as {@code server.yaml} has them.
 *
 * @param host address to listen at; any other than this machine's own needs keys
 * @param port 0 for any free one
 * @param database URL of a PostgreSQL database, such as {@code jdbc:postgresql://host/name}; without one, a file in the data folder
 * @param models base models by the name that clients use: a folder, a run, or a name on the hub
 * @param hosts names that clients may call a server at this machine's own address by, beside {@code localhost}
 */
public record ServerSettings(
        String host,
        int port,
        @Nullable String database,
        Map<String, String> models,
        List<String> hosts,
        Limits limits,
        Training jobs,
        Graders graders) {
    /** The file of the data folder that is read where no other is named. */
    public static final String FILE = "server.yaml";

    private static final int HIGHEST_PORT = 65_535;
    private static final int PORT = 8733;

    public ServerSettings {
        models = Map.copyOf(models);
        hosts = List.copyOf(hosts);
        if (port < 0 || port > HIGHEST_PORT) {
            throw new SettingException("port", port, "a number from 0 to " + HIGHEST_PORT);
        }
        if (database != null && !database.startsWith("jdbc:postgresql:")) {
            throw new SettingException(
                    "database", database, "a URL like jdbc:postgresql://host/name?user=…&password=…");
        }
    }

    /**
     * Limits that keep a client from taking the server for itself.
     *
     * @param bodyMib longest body of a request that is not a file
     * @param fileMib longest file
     * @param filesGib all files of a project together; 0 for any number
     * @param freeGib refuse files when less than this would be left on the disk
     * @param requestsPerSecond of one key; 0 for any number, which is the default for this machine's own clients
     * @param connections open at once
     * @param idleSeconds until a silent connection is closed
     */
    public record Limits(
            int bodyMib,
            int fileMib,
            double filesGib,
            double freeGib,
            int requestsPerSecond,
            int connections,
            int idleSeconds) {
        static final Limits DEFAULTS = new Limits(64, 512, 0, 1, 0, 10_000, 30);

        public Limits {
            positive("limits.body-mib", bodyMib);
            positive("limits.file-mib", fileMib);
            positive("limits.connections", connections);
            positive("limits.idle-seconds", idleSeconds);
            if (filesGib < 0) {
                throw new SettingException("limits.files-gib", filesGib, "a number from 0");
            }
            if (freeGib < 0) {
                throw new SettingException("limits.free-gib", freeGib, "a number from 0");
            }
            if (requestsPerSecond < 0) {
                throw new SettingException("limits.requests-per-second", requestsPerSecond, "a number from 0");
            }
        }

        private static void positive(String key, int value) {
            if (value < 1) {
                throw new SettingException(key, value, "a number from 1");
            }
        }
    }

    /**
     * Training of jobs.
     *
     * @param atOnce jobs that this machine trains at once; 0 for none, where other machines do it
     * @param leaseSeconds a worker that is silent for longer is taken for dead, and its job goes on from its checkpoint
     * @param tries workers of a job that may die without a new checkpoint before the job fails
     * @param java options of the JVM of a worker, such as {@code -Xmx4g}
     */
    public record Training(int atOnce, int leaseSeconds, int tries, List<String> java) {
        static final Training DEFAULTS = new Training(1, 10, 3, List.of());

        public Training {
            java = List.copyOf(java);
            if (atOnce < 0) {
                throw new SettingException("jobs.at-once", atOnce, "a number from 0");
            }
            if (leaseSeconds < 2) {
                throw new SettingException("jobs.lease-seconds", leaseSeconds, "a number from 2");
            }
            if (tries < 1) {
                throw new SettingException("jobs.tries", tries, "a number from 1");
            }
        }
    }

    /**
     * Graders of callers.
     *
     * @param models judges of graders, by the names that graders use: a {@code url}, with the name there and {@code key-env}, or a {@code path}
     * @param lambdas addresses of services by the name of Amazon's function that they stand for
     * @param privateAddresses true if endpoint graders may reach private networks and this machine
     */
    public record Graders(@Nullable JsonNode models, Map<String, String> lambdas, boolean privateAddresses) {
        static final Graders DEFAULTS = new Graders(null, Map.of(), false);

        public Graders {
            lambdas = Map.copyOf(lambdas);
        }
    }

    /** The settings where there is no file. */
    public static final ServerSettings DEFAULTS = new ServerSettings(
            "127.0.0.1", PORT, null, Map.of(), List.of(), Limits.DEFAULTS, Training.DEFAULTS, Graders.DEFAULTS);

    /** Those of a file. */
    public static ServerSettings read(Path file) {
        return ConfigFile.record(file, ServerSettings.class, DEFAULTS);
    }

    /** Those of a data folder, which may have no file of them. */
    public static ServerSettings of(Path data) {
        Path file = data.resolve(FILE);
        return Files.exists(file) ? read(file) : DEFAULTS;
    }

    public ServerSettings withHost(String address) {
        return new ServerSettings(address, port, database, models, hosts, limits, jobs, graders);
    }

    public ServerSettings withPort(int number) {
        return new ServerSettings(host, number, database, models, hosts, limits, jobs, graders);
    }

    /** True if only programs of this machine can reach the server. */
    public boolean loopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new SettingException("host", host, "an address of this machine, such as 127.0.0.1 or 0.0.0.0");
        }
    }
}
