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
import org.reft4j.server.http.Certificate;
import org.reft4j.server.store.Room;
import org.reft4j.train.config.ConfigFile;

/**
 * The settings of the service, as {@code server.yaml} has them.
 *
 * @param host address to listen at; any other than this machine's own needs keys
 * @param port 0 for any free one
 * @param database URL of a PostgreSQL database, such as {@code jdbc:postgresql://host/name}; without one, a file in the data folder
 * @param models base models by the name that clients use: a folder, a run, or a name on the hub
 * @param tls files of the certificate; {@code null} for plain HTTP
 * @param hosts names that clients may call a server at this machine's own address by, beside {@code localhost}
 */
public record ServerSettings(
        String host,
        int port,
        @Nullable Tls tls,
        @Nullable String database,
        Map<String, String> models,
        List<String> hosts,
        Limits limits,
        Training jobs,
        Keep keep,
        Graders graders) {
    /** The file of the data folder that is read where no other is named. */
    public static final String FILE = "server.yaml";

    private static final int HIGHEST_PORT = 65_535;
    private static final double GIB = 1L << 30;
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
     * The files of a certificate; they are read again when they change.
     *
     * @param certificate the chain in PEM, or a PKCS#12 keystore
     * @param key the key in PKCS#8, if it is in a file of its own
     * @param passwordFile a file with the password of the keystore
     */
    public record Tls(
            String certificate,
            @Nullable String key,
            @Nullable String passwordFile) {
        Certificate files() {
            return new Certificate(Path.of(certificate), path(key), path(passwordFile));
        }

        private static @Nullable Path path(@Nullable String name) {
            return name == null ? null : Path.of(name);
        }
    }

    /**
     * Times after which something is deleted, in days; 0 for never.
     *
     * @param runsDays rollouts, curves and training state of a job, after its end; model, events and figures stay
     * @param checkpointsDays checkpoints of a job beside its model, after its end
     * @param logsDays lines of the log of requests
     */
    public record Keep(int runsDays, int checkpointsDays, int logsDays) {
        static final Keep DEFAULTS = new Keep(0, 0, 0);

        public Keep {
            days("keep.runs-days", runsDays);
            days("keep.checkpoints-days", checkpointsDays);
            days("keep.logs-days", logsDays);
        }

        private static void days(String key, int value) {
            if (value < 0) {
                throw new SettingException(key, value, "a number from 0, which is for ever");
            }
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
     * @param waiting requests for text that are with the models or wait for them
     * @param idleSeconds until a silent connection is closed
     */
    public record Limits(
            int bodyMib,
            int fileMib,
            double filesGib,
            double freeGib,
            int requestsPerSecond,
            int connections,
            int waiting,
            int idleSeconds) {
        static final Limits DEFAULTS = new Limits(64, 512, 0, 1, 0, 10_000, 1000, 30);

        public Limits {
            positive("limits.body-mib", bodyMib);
            positive("limits.file-mib", fileMib);
            positive("limits.connections", connections);
            positive("limits.waiting", waiting);
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

        /** The room for files and checkpoints. */
        Room room() {
            return new Room((long) (filesGib * GIB), (long) (freeGib * GIB));
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
     * @param atOnce jobs that this machine trains at once, as far as its memory holds them; 0 for none, where other machines do it
     * @param memoryGib of all jobs on this machine together; 0 for what is free
     * @param leaseSeconds a worker that is silent for longer is taken for dead, and its job goes on from its checkpoint
     * @param tries workers of a job that may die without a new checkpoint before the job fails
     * @param java options of the JVM of a worker, such as {@code -Xmx4g}
     */
    public record Training(int atOnce, double memoryGib, int leaseSeconds, int tries, List<String> java) {
        /** A job takes as many cores as it gets, and with fewer than these it crawls. */
        private static final int CORES = 4;

        static final Training DEFAULTS =
                new Training(Math.max(1, Runtime.getRuntime().availableProcessors() / CORES), 0, 10, 3, List.of());

        public Training {
            java = List.copyOf(java);
            if (atOnce < 0) {
                throw new SettingException("jobs.at-once", atOnce, "a number from 0");
            }
            if (memoryGib < 0) {
                throw new SettingException("jobs.memory-gib", memoryGib, "a number from 0");
            }
            if (leaseSeconds < 2) {
                throw new SettingException("jobs.lease-seconds", leaseSeconds, "a number from 2");
            }
            if (tries < 1) {
                throw new SettingException("jobs.tries", tries, "a number from 1");
            }
        }

        long memoryBytes() {
            return (long) (memoryGib * GIB);
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
            "127.0.0.1",
            PORT,
            null,
            null,
            Map.of(),
            List.of(),
            Limits.DEFAULTS,
            Training.DEFAULTS,
            Keep.DEFAULTS,
            Graders.DEFAULTS);

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
        return new ServerSettings(address, port, tls, database, models, hosts, limits, jobs, keep, graders);
    }

    public ServerSettings withPort(int number) {
        return new ServerSettings(host, number, tls, database, models, hosts, limits, jobs, keep, graders);
    }

    public ServerSettings withDatabase(String url) {
        return new ServerSettings(host, port, tls, url, models, hosts, limits, jobs, keep, graders);
    }

    public ServerSettings withTls(Tls files) {
        return new ServerSettings(host, port, files, database, models, hosts, limits, jobs, keep, graders);
    }

    public ServerSettings withModels(Map<String, String> named) {
        return new ServerSettings(host, port, tls, database, named, hosts, limits, jobs, keep, graders);
    }

    public ServerSettings withLimits(Limits others) {
        return new ServerSettings(host, port, tls, database, models, hosts, others, jobs, keep, graders);
    }

    public ServerSettings withJobs(Training others) {
        return new ServerSettings(host, port, tls, database, models, hosts, limits, others, keep, graders);
    }

    public ServerSettings withGraders(Graders others) {
        return new ServerSettings(host, port, tls, database, models, hosts, limits, jobs, keep, others);
    }

    public ServerSettings withKeep(Keep others) {
        return new ServerSettings(host, port, tls, database, models, hosts, limits, jobs, others, graders);
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
