package org.reft4j.server;

import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.access.Keys;
import org.reft4j.server.access.Sessions;
import org.reft4j.server.chat.ChatRoutes;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.EngineSettings;
import org.reft4j.server.http.ApiDocument;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.HttpServer;
import org.reft4j.server.http.HttpSettings;
import org.reft4j.server.http.RequestLog;
import org.reft4j.server.openai.AzureDialect;
import org.reft4j.server.openai.FileRoutes;
import org.reft4j.server.openai.ModelRoutes;
import org.reft4j.server.openai.UploadRoutes;
import org.reft4j.server.page.Dashboard;
import org.reft4j.server.page.SignIn;
import org.reft4j.server.page.StoredJobs;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.Room;
import org.reft4j.server.store.StoreFullException;
import org.reft4j.server.store.StoredFiles;
import org.reft4j.server.store.Uploads;
import org.reft4j.server.tinker.TinkerRoutes;

/**
 * The service on a data folder. It listens before anything else; tables and routes are made ready meanwhile, and requests are told to wait.
 */
public final class Server implements AutoCloseable {
    private static final long MIB = 1L << 20;
    private static final System.Logger LOG = System.getLogger("reft4j");
    /** Operations of Tinker's that write checkpoints. */
    private static final List<String> SAVES = List.of("tinkerSaveWeights", "tinkerSaveWeightsForSampler");

    private static final Duration END = Duration.ofSeconds(10);
    private static final Duration SWEEP = Duration.ofMinutes(1);
    /** Parts of the API's document; each is a file beside the others. */
    private static final List<String> PARTS = List.of("files", "models", "jobs", "chat", "pages", "tinker");

    private final ServerSettings settings;
    private final HttpServer http;
    private final RequestLogFile log;
    private final CompletableFuture<Opened> opened;

    /**
     * Everything that is open while the server serves.
     *
     * @param code of the link that opens the dashboard once; empty where no key is needed
     */
    private record Opened(Database database, EngineProcess engine, Sweep sweep, JobService jobs, String code)
            implements AutoCloseable {
        @Override
        public void close() {
            jobs.close();
            sweep.close();
            engine.close();
            database.close();
        }
    }

    private Server(ServerSettings settings, HttpServer http, RequestLogFile log, CompletableFuture<Opened> opened) {
        this.settings = settings;
        this.http = http;
        this.log = log;
        this.opened = opened;
    }

    /**
     * Starts to listen, and goes on to start on threads of its own.
     *
     * @param data the data folder, made if it is not there
     * @param log gets a line for each request, beside the file in the data folder
     * @throws ServerException if the folder cannot be written to or the port is taken
     */
    public static Server start(Path data, ServerSettings settings, RequestLog log) {
        writable(data);
        Figures figures = new Figures();
        RequestLogFile file = RequestLogFile.in(data.resolve("logs"));
        // All three at once: each takes half a second of a cold JVM's time.
        CompletableFuture<Database> database =
                CompletableFuture.supplyAsync(() -> database(data, settings), Server::thread);
        CompletableFuture<ApiDocument> document =
                CompletableFuture.supplyAsync(() -> ApiDocument.read("service", PARTS), Server::thread);
        HttpServer http = listen(settings, database, line -> {
            figures.write(line);
            file.write(line);
            log.write(line);
        });
        CompletableFuture<Opened> opened = CompletableFuture.supplyAsync(
                () -> serve(data, settings, http, database.join(), document, figures, file), Server::thread);
        return new Server(settings, http, file, opened);
    }

    private static void thread(Runnable work) {
        Thread.ofPlatform().name("start").daemon(true).start(work);
    }

    private static void writable(Path data) {
        try {
            Files.createDirectories(data);
        } catch (FileAlreadyExistsException e) {
            throw new ServerException(data + " is a file; the data of a server need a folder", e);
        } catch (AccessDeniedException e) {
            throw new ServerException(data + " cannot be made; choose another folder for the data", e);
        } catch (IOException e) {
            throw new ServerException(data + " cannot be used: " + e.getMessage(), e);
        }
        if (!Files.isWritable(data)) {
            throw new ServerException(data + " cannot be written to; choose another folder for the data");
        }
    }

    private static HttpServer listen(ServerSettings settings, CompletableFuture<Database> database, RequestLog log) {
        ServerSettings.Limits limits = settings.limits();
        HttpSettings http = new HttpSettings(
                settings.host(),
                settings.port(),
                settings.tls() == null ? null : settings.tls().files(),
                settings.loopback(),
                settings.hosts(),
                limits.bodyMib() * MIB,
                (limits.fileMib() + 1) * MIB,
                limits.requestsPerSecond(),
                limits.connections(),
                Duration.ofSeconds(limits.idleSeconds()),
                END);
        try {
            return HttpServer.open(http, List.of(new AzureDialect()), log);
        } catch (IllegalArgumentException e) {
            closeSoon(database);
            throw new ServerException(String.valueOf(e.getMessage()), e);
        } catch (BindException e) {
            closeSoon(database);
            throw new ServerException(
                    "port " + settings.port() + " of " + settings.host()
                            + " is taken, perhaps by another reft serve; choose another (0: any)",
                    e);
        } catch (IOException e) {
            closeSoon(database);
            throw new ServerException(
                    "cannot listen at " + settings.host() + ":" + settings.port() + ": " + e.getMessage(), e);
        }
    }

    /** Closes what is still being opened; if that fails, there is nothing to close. */
    private static void closeSoon(CompletableFuture<Database> database) {
        var _ = database.whenComplete((made, failure) -> {
            if (made != null) {
                made.close();
            }
        });
    }

    private static Opened serve(
            Path data,
            ServerSettings settings,
            HttpServer http,
            Database database,
            CompletableFuture<ApiDocument> document,
            Figures figures,
            RequestLogFile log) {
        try {
            Keys keys = new Keys(database);
            Sessions sessions = new Sessions(keys, database);
            if (!settings.loopback() && !keys.any()) {
                throw new ServerException("everybody could use a server at " + settings.host()
                        + " without a key; make one first: reft keys create --data " + data);
            }
            Room room = settings.limits().room();
            StoredFiles files = new StoredFiles(database, data.resolve("files"), room);
            Uploads uploads = new Uploads(database, data.resolve("uploads"), room, files);
            // Only what asks for text starts it.
            EngineProcess engine = new EngineProcess(
                    EngineSettings.here(), List.of(), settings.limits().waiting());
            JobService jobs = JobService.start(data, settings, database, files, engine);
            TinkerRoutes tinker =
                    new TinkerRoutes(data.resolve("tinker"), engine, settings.models(), settings.loopback());
            List<Map<String, Endpoint>> groups = new ArrayList<>(List.of(
                    new ServiceRoutes(document.join(), database, figures).handlers(),
                    new FileRoutes(files, settings.limits().fileMib() * MIB).handlers(),
                    new UploadRoutes(uploads).handlers(),
                    new ModelRoutes(settings.models(), jobs.models()).handlers(),
                    new ChatRoutes(engine, jobs.models()::place).handlers(),
                    new Dashboard(data, new StoredJobs(data, database), Keys.DEFAULT_PROJECT, files).handlers(),
                    whileThereIsRoom(tinker.handlers(), room, data),
                    new SignIn(sessions).handlers()));
            groups.addAll(jobs.handlers());
            http.serve(document.join(), groups, sessions);
            return new Opened(
                    database,
                    engine,
                    Sweep.every(
                            SWEEP,
                            List.of(
                                    files::sweep,
                                    uploads::sweep,
                                    tinker::sweep,
                                    sessions::sweep,
                                    jobs::sweep,
                                    () -> renewed(http),
                                    () -> log.sweep(
                                            Duration.ofDays(settings.keep().logsDays())))),
                    jobs,
                    keys.any() ? sessions.link() : "");
        } catch (IOException e) {
            database.close();
            throw new ServerException(data + " cannot be used: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    /** Handlers whose saves are refused before the disk is full. */
    private static Map<String, Endpoint> whileThereIsRoom(Map<String, Endpoint> handlers, Room room, Path data) {
        Map<String, Endpoint> all = new HashMap<>(handlers);
        SAVES.forEach(save -> all.computeIfPresent(save, (_, handler) -> call -> {
            try {
                room.requireDisk(data, 0);
            } catch (StoreFullException e) {
                throw FileRoutes.full(e);
            }
            return handler.handle(call);
        }));
        return all;
    }

    private static void renewed(HttpServer http) {
        try {
            if (http.renewCertificate()) {
                LOG.log(System.Logger.Level.INFO, "the certificate was renewed");
            }
        } catch (IllegalArgumentException e) {
            LOG.log(System.Logger.Level.WARNING, "the certificate is not renewed: {0}", e.getMessage());
        }
    }

    /** The database of a data folder, for the server and for commands beside it. */
    public static Database database(Path data, ServerSettings settings) {
        String url = settings.database();
        return url == null ? Database.sqlite(data.resolve("reft.db")) : Database.postgres(url);
    }

    /**
     * Waits until it serves.
     *
     * @throws RuntimeException the reason, if it never will
     */
    public void awaitReady() {
        try {
            opened.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ServerException("interrupted while starting", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new ServerException("the server cannot start: " + e.getMessage(), e);
        }
    }

    /** All that trains; to be asked for once it is ready. */
    JobService jobs() {
        return opened.join().jobs();
    }

    /** The address of the API for clients on this machine. */
    public URI address() {
        String host = settings.host().equals("0.0.0.0") || settings.host().equals("::") ? "127.0.0.1" : settings.host();
        return URI.create((http.secure() ? "https://" : "http://") + (host.contains(":") ? "[" + host + "]" : host)
                + ":" + http.port());
    }

    /** Sentences that whoever starts the server should read, once. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>(http.remark().stream().toList());
        if (!settings.loopback() && !http.secure()) {
            remarks.add("keys and data cross the network unencrypted: HTTP without TLS at " + settings.host()
                    + "; put a proxy before it, or give tls in " + ServerSettings.FILE);
        }
        return remarks;
    }

    /** Takes the certificate's files anew if they have changed. */
    void renewCertificate() {
        renewed(http);
    }

    /** The address of the dashboard for whoever started the server: where keys are needed, it works without one, once. */
    public URI dashboard() {
        String code = opened.join().code();
        return code.isEmpty() ? address().resolve("/") : address().resolve("/sign-in?once=" + code);
    }

    /** Ends: no new requests, a while for those under way, then everything is closed. */
    @Override
    public void close() {
        http.close();
        @Nullable Opened now = opened.handle((done, failure) -> done).join();
        if (now != null) {
            now.close();
        }
        log.close();
    }
}
