package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.Verb;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;

/** The routes of Tinker's API; those about clients and sessions themselves, the others by way of their groups. */
public final class TinkerRoutes {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int MOST_FLIGHTS = 2000;
    /** Requests of a project that may wait: as many as two busy clients send. */
    private static final int MOST_WAITING = 2 * MOST_FLIGHTS;

    private static final int CHUNK_ITEMS = 1024;

    private final EngineProcess engine;
    private final Map<String, String> bases;
    private final Path folder;
    private final Runs runs;
    private final Sessions sessions = new Sessions();
    private final Futures futures = new Futures(PATIENCE, MOST_WAITING);
    private final Completions completions = new Completions(PATIENCE, futures);
    private final boolean local;

    /**
     * @param folder where runs and their checkpoints are kept
     * @param bases base models by their names: a folder, or a name on the hub
     * @param local true if clients are on this machine, and see its folders
     */
    public TinkerRoutes(Path folder, EngineProcess engine, Map<String, String> bases, boolean local) {
        this.local = local;
        this.folder = folder;
        this.engine = engine;
        this.bases = new TreeMap<>(bases);
        this.runs = new Runs(folder.resolve("runs"));
        forget(folder.resolve("passing")); // samplers ended with the server before
    }

    /** Operations that are answered with 501, and why. */
    public static Map<String, String> notHere() {
        return NotHere.REASONS;
    }

    public Map<String, Endpoint> handlers() {
        Map<String, Endpoint> all = new HashMap<>(Map.of(
                "tinkerHealth",
                _ -> Reply.json(Json.PLAIN.createObjectNode().put("status", "ok")),
                "tinkerClientConfig",
                _ -> Reply.json(clientConfig()),
                "tinkerDynamicConfig",
                _ -> Reply.json(dynamicConfig()),
                "tinkerCapabilities",
                _ -> Reply.json(capabilities()),
                "tinkerCreateSession",
                this::createSession,
                "tinkerHeartbeat",
                this::heartbeat,
                "tinkerTelemetry",
                _ -> Reply.json(Json.PLAIN.createObjectNode().put("status", "accepted")),
                "tinkerRetrieveFuture",
                futures::retrieve,
                "tinkerCancelFuture",
                futures::cancel,
                "tinkerFinishSession",
                this::finish));
        all.put("tinkerListSessions", this::listSessions);
        all.put("tinkerGetSession", this::getSession);
        all.putAll(new TrainingRoutes(engine, bases, runs, sessions, futures).handlers());
        all.putAll(new TokenizerRoutes(bases, local, runs).handlers());
        Path passing = folder.resolve("passing");
        all.putAll(new SamplingRoutes(engine, bases, passing, runs, sessions, futures, completions, this::gone)
                .handlers());
        all.putAll(NotHere.handlers());
        all.putAll(new RunRoutes(engine, runs, sessions).handlers());
        return all;
    }

    /** Removes checkpoints that have lived their time, and ends sessions that nobody uses. */
    public void sweep() {
        runs.sweep();
        sessions.silent().forEach(this::end);
    }

    private static ObjectNode clientConfig() {
        ObjectNode config = Json.PLAIN.createObjectNode();
        config.put("pjwt_auth_enabled", false).put("credential_default_source", "api_key");
        config.put("proto_compress_fwdbwd", false).put("parallel_fwdbwd_chunks", false);
        config.put("fwdbwd_max_chunk_len", CHUNK_ITEMS).put("fwdbwd_max_chunk_bytes_count", 5_000_000);
        config.put("sample_max_concurrent_requests", MOST_FLIGHTS).put("sample_use_retrieve_futures", true);
        config.put("sample_join_sampling_session", true).put("custom_loss_server_side", false);
        return config;
    }

    private static ObjectNode dynamicConfig() {
        return Json.PLAIN.createObjectNode().put("refresh_interval_sec", 300).put("sample_cancel_enabled", true);
    }

    private ObjectNode capabilities() {
        ObjectNode body = Json.PLAIN.createObjectNode();
        ArrayNode models = body.putArray("supported_models");
        bases.keySet()
                .forEach(name -> models.addObject()
                        .put("model_name", name)
                        .put("trainable", true)
                        .put("sampleable", true));
        return body;
    }

    private Reply createSession(Call call) {
        ObjectNode json = call.body();
        Body body = new Body(json);
        Sessions.Session session = sessions.open(
                call,
                json.hasNonNull("user_metadata") ? json.get("user_metadata") : null,
                body.optional("display_name").orElse(null));
        ObjectNode reply =
                Json.PLAIN.createObjectNode().put("type", "create_session").put("session_id", session.id());
        if (bases.isEmpty()) {
            reply.put(
                    "warning_message",
                    "This server has no base models; its operator names some in server.yaml under 'models'.");
        }
        return Reply.json(reply);
    }

    private Reply heartbeat(Call call) {
        Sessions.Session _ = sessions.find(call, new Body(call.body()).text("session_id"));
        return Reply.json(Json.PLAIN.createObjectNode().put("type", "session_heartbeat"));
    }

    private Reply listSessions(Call call) {
        ObjectNode reply = Json.PLAIN.createObjectNode();
        List<String> page = Pages.of(call, sessions.list(call)).items();
        page.forEach(reply.putArray("sessions")::add);
        return Reply.json(reply);
    }

    private Reply getSession(Call call) {
        Sessions.Session session = sessions.find(call, call.path("session_id"));
        ObjectNode reply = Json.PLAIN.createObjectNode();
        sessions.runs(session).forEach(reply.putArray("training_run_ids")::add);
        sessions.samplers(session).forEach(reply.putArray("sampler_ids")::add);
        reply.set("user_metadata", session.metadata());
        reply.put("display_name", session.name());
        return Reply.json(reply);
    }

    private Reply finish(Call call) {
        end(sessions.find(call, call.path("session_id")));
        return Reply.json(Json.PLAIN.createObjectNode());
    }

    private void end(Sessions.Session session) {
        sessions.end(session, run -> unload(run.learner()), this::gone);
    }

    private void gone(Sessions.Sampler sampler) {
        completions.forget(sampler.id());
        Path passing = sampler.passing();
        if (passing != null) {
            unload(sampler.place());
            forget(passing);
        }
    }

    private static void forget(Path weights) {
        try {
            if (Files.exists(weights)) {
                DurableFiles.deleteTree(weights);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void unload(String model) {
        if (engine.pid().isPresent()) {
            var _ = engine.learn(new Verb.Unload(model));
        }
    }

    /** The place of a base model. */
    static String base(Map<String, String> bases, String name) {
        String place = bases.get(name);
        if (place == null) {
            throw ApiError.missing(
                    "base_model",
                    "model_not_found",
                    "There is no base model '" + name + "' here; get_server_capabilities lists those that there are: "
                            + String.join(", ", bases.keySet()) + ".");
        }
        return place;
    }
}
