package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.Verb;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.tinker.Futures.Result;
import org.reft4j.server.tinker.Run.Address;
import org.reft4j.server.tinker.Run.Saved;
import org.reft4j.train.learn.Lesson;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.OptimizerConfig;

/** The routes that make, change and save learners. */
final class TrainingRoutes {
    private static final int LARGEST_RANK = 1024;
    /** Tinker's; an adapter's output is multiplied by it over the rank. */
    private static final double ALPHA = 32;

    private static final String MODEL = "model_id";
    private static final String SEQ = "seq_id";
    private static final String METADATA = "user_metadata";

    private final EngineProcess engine;
    private final Map<String, String> bases;
    private final Runs runs;
    private final Sessions sessions;
    private final Futures futures;

    TrainingRoutes(EngineProcess engine, Map<String, String> bases, Runs runs, Sessions sessions, Futures futures) {
        this.engine = engine;
        this.bases = bases;
        this.runs = runs;
        this.sessions = sessions;
        this.futures = futures;
    }

    Map<String, Endpoint> handlers() {
        return Map.of(
                "tinkerCreateModel", this::create,
                "tinkerForwardBackward", this::forwardBackward,
                "tinkerOptimStep", this::step,
                "tinkerSaveWeights", this::save,
                "tinkerLoadWeights", this::load);
    }

    private Reply create(Call call) {
        ObjectNode json = call.body();
        Body body = new Body(json);
        Sessions.Session session = sessions.find(call, body.text("session_id"));
        String base = body.text("base_model");
        String place = TinkerRoutes.base(bases, base);
        Body lora = body.object("lora_config");
        if (!lora.has("rank")) {
            throw ApiError.invalid(
                    "lora_config", "'lora_config.rank' is missing; this server trains adapters and no whole models.");
        }
        requireAdamW(body);
        String role = body.optional("model_role").orElse("policy");
        if (!role.equals("policy") && !role.equals("critic")) {
            throw ApiError.invalid("model_role", "'model_role' is " + role + "; expected policy or critic.");
        }
        int rank = (int) lora.integer("rank", 1, LARGEST_RANK, 0);
        boolean attention = lora.flag("train_attn", true);
        boolean mlp = lora.flag("train_mlp", true);
        Run run = new Run(
                id(session, body),
                call.caller().project(),
                session.id(),
                base,
                rank,
                attention,
                mlp,
                System.currentTimeMillis(),
                metadata(json));
        LoraConfig config = new LoraConfig(rank, ALPHA, false, targets(attention, mlp), null);
        long seed = lora.has("seed") ? lora.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, 0) : Secrets.number();
        return future(
                call,
                "create/" + session.id(),
                first(body),
                () -> room(call)
                        .learn(new Verb.Create(run.learner(), place, config, seed))
                        .thenApply(_ -> made(session, run, "create_model")));
    }

    /** The engine, where the project may have one more learner. */
    private EngineProcess room(Call call) {
        sessions.requireRoom(call);
        return engine;
    }

    /** Clients work it out themselves where they make a learner from weights. */
    private static String id(Sessions.Session session, Body body) {
        return body.has("model_seq_id") ? session.id() + ":train:" + (first(body) - 1) : Secrets.id("run-");
    }

    /** Numbers of models begin at 0, and 0 stands for none elsewhere. */
    private static long first(Body body) {
        return body.has("model_seq_id") ? body.integer("model_seq_id", 0, Integer.MAX_VALUE, 0) + 1 : 0;
    }

    private Result made(Sessions.Session session, Run run, String type) {
        runs.add(run);
        sessions.add(session, run);
        return new Result.Value(Json.PLAIN.createObjectNode().put("type", type).put(MODEL, run.id()));
    }

    private static @Nullable JsonNode metadata(ObjectNode json) {
        return json.hasNonNull(METADATA) ? json.get(METADATA) : null;
    }

    private static String targets(boolean attention, boolean mlp) {
        if (!attention && !mlp) {
            throw ApiError.invalid(
                    "lora_config",
                    "Nothing would be trained: the output layer gets no adapter here, so set train_attn or train_mlp.");
        }
        if (attention && mlp) {
            return "all-linear";
        }
        return attention ? "q_proj, k_proj, v_proj, o_proj" : "gate_proj, up_proj, down_proj";
    }

    private static void requireAdamW(Body body) {
        Body optimizer = body.object("optimizer_config");
        String type = optimizer.optional("type").orElse("adamw");
        if (!type.equals("adamw")) {
            throw ApiError.invalid(
                    "optimizer_config", "The optimizer '" + type + "' is not one of this server; it has adamw.");
        }
    }

    private Reply forwardBackward(Call call) throws IOException {
        String type = call.header("Content-Type").orElse("");
        if (!type.startsWith(Wire.TYPE)) {
            throw new ApiError(
                    415,
                    "invalid_request_error",
                    null,
                    "protobuf_only",
                    "forward_backward takes a protobuf message (" + Wire.TYPE
                            + "), as tinker 0.25 and later send it, and not '" + type + "'.");
        }
        if (call.header("Content-Encoding").isPresent()) {
            throw new ApiError(
                    415,
                    "invalid_request_error",
                    null,
                    "not_compressed",
                    "This server takes plain bodies, and says so in client/config; leave out Content-Encoding.");
        }
        Wire.Request request = Wire.request(call.stream().readAllBytes());
        Run run = runs.find(call, request.model());
        Lesson lesson = Lessons.of(request);
        return future(
                call,
                run.id(),
                request.seq(),
                () -> engine.learn(new Verb.Teach(run.learner(), lesson))
                        .thenApply(answer -> new Result.Message(Wire.output(marks(answer)))));
    }

    private static Lesson.Marks marks(ObjectNode answer) {
        return Json.PLAIN.convertValue(answer, Lesson.Marks.class);
    }

    private Reply step(Call call) {
        Body body = new Body(call.body());
        Run run = runs.find(call, body.text(MODEL));
        if (body.has("optimizer_params")) {
            throw ApiError.invalid("optimizer_params", "This server has the optimizer adamw; send 'adam_params'.");
        }
        Body adam = body.object("adam_params");
        double rate = adam.number("learning_rate", 0, 1, 1e-4);
        OptimizerConfig settings = new OptimizerConfig(
                1e-4, // not looked at: the step brings its own rate
                OptimizerConfig.Schedule.CONSTANT,
                0,
                adam.number("beta1", 0, Math.nextDown(1.0), 0.9),
                adam.number("beta2", 0, Math.nextDown(1.0), 0.95),
                adam.number("eps", Double.MIN_VALUE, 1, 1e-12),
                adam.number("weight_decay", 0, Double.MAX_VALUE, 0),
                adam.number("grad_clip_norm", 0, Double.MAX_VALUE, 0));
        return future(
                call,
                run.id(),
                seq(body),
                () -> engine.learn(new Verb.Step(run.learner(), rate, settings)).thenApply(answer -> {
                    double norm = answer.path("norm").asDouble();
                    ObjectNode reply = Json.PLAIN.createObjectNode().put("type", "optim_step");
                    ObjectNode metrics = reply.putObject("metrics").put("learning_rate:mean", rate);
                    if (Double.isFinite(norm)) {
                        metrics.put("grad_norm:mean", norm);
                    }
                    metrics.put("skipped_steps:sum", Double.isFinite(norm) && norm != 0 ? 0.0 : 1.0);
                    return new Result.Value(reply);
                }));
    }

    private static long seq(Body body) {
        return body.integer(SEQ, 0, Integer.MAX_VALUE, 0);
    }

    private Reply save(Call call) {
        ObjectNode json = call.body();
        Body body = new Body(json);
        Run run = runs.find(call, body.text(MODEL));
        String name = body.optional("path").orElseGet(() -> Secrets.id("saved-"));
        Address address = new Address(run.id(), Address.TRAINING, name);
        long ttl = RunRoutes.ttl(body);
        boolean overwrite = body.flag("overwrite", false);
        return future(call, run.id(), seq(body), () -> {
            if (runs.has(address)) {
                if (!overwrite) {
                    throw ApiError.invalid(
                            "path",
                            "There is a checkpoint " + address + "; choose another name, or send overwrite: true.");
                }
                runs.delete(address);
            }
            String folder = runs.folder(address).toString();
            return engine.learn(new Verb.Save(run.learner(), folder, true)).thenApply(_ -> {
                Saved saved = runs.save(address, ttl, metadata(json));
                return new Result.Value(Json.PLAIN
                        .createObjectNode()
                        .put("type", "save_weights")
                        .put("path", saved.address().toString()));
            });
        });
    }

    private Reply load(Call call) {
        ObjectNode json = call.body();
        Body body = new Body(json);
        if (body.has("weights_access_token")) {
            throw ApiError.invalid(
                    "weights_access_token", "Weights of other projects cannot be loaded here; leave out the token.");
        }
        Address address = Address.of(body.text("path"));
        Saved saved = runs.saved(call, address);
        Run source = runs.find(call, address.run());
        boolean optimizer = body.flag("optimizer", false);
        if (optimizer && !saved.kind().equals(Address.TRAINING)) {
            throw ApiError.invalid(
                    "path",
                    address
                            + " was saved to sample from, without the optimizer's state; load it with optimizer: false.");
        }
        String folder = runs.folder(address).toString();
        if (!body.has(MODEL)) {
            return loadNew(call, json, source, folder);
        }
        Run run = runs.find(call, body.text(MODEL));
        requireBase(run.base(), source);
        return future(
                call,
                run.id(),
                seq(body),
                () -> engine.learn(new Verb.Load(run.learner(), folder, optimizer))
                        .thenApply(_ -> loaded(address, run)));
    }

    private static Result loaded(Address address, Run run) {
        return new Result.Value(Json.PLAIN
                .createObjectNode()
                .put("type", "load_weights")
                .put("path", address.toString())
                .put(MODEL, run.id()));
    }

    private static void requireBase(String base, Run source) {
        if (!source.base().equals(base)) {
            throw ApiError.invalid(
                    "path", "These weights belong to " + source.base() + " and cannot be used with " + base + ".");
        }
    }

    /** Makes a learner from weights. */
    private Reply loadNew(Call call, ObjectNode json, Run source, String folder) {
        Body body = new Body(json);
        Sessions.Session session = sessions.find(call, body.text("session_id"));
        body.optional("base_model").ifPresent(base -> requireBase(base, source));
        requireAdamW(body);
        Run run = new Run(
                id(session, body),
                call.caller().project(),
                session.id(),
                source.base(),
                source.rank(),
                source.attention(),
                source.mlp(),
                System.currentTimeMillis(),
                metadata(json));
        Address address = Address.of(body.text("path"));
        boolean optimizer = body.flag("optimizer", false);
        return future(
                call,
                "create/" + session.id(),
                first(body),
                () -> room(call)
                        .learn(new Verb.Restore(run.learner(), folder, optimizer))
                        .thenApply(_ -> {
                            Result _ = made(session, run, "load_weights");
                            return loaded(address, run);
                        }));
    }

    private Reply future(
            Call call, String place, long seq, java.util.function.Supplier<CompletableFuture<Result>> work) {
        return Reply.json(Json.PLAIN.createObjectNode().put("request_id", futures.once(call, place, seq, work)));
    }
}
