package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.files.Json;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.Verb;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.tinker.Run.Address;
import org.reft4j.server.tinker.Run.Saved;

/** The routes that look at training runs, checkpoints and samplers, or remove them. */
final class RunRoutes {
    private static final long LONGEST_TTL = 100L * 366 * 24 * 3600;

    private final EngineProcess engine;
    private final Runs runs;
    private final Sessions sessions;

    RunRoutes(EngineProcess engine, Runs runs, Sessions sessions) {
        this.engine = engine;
        this.runs = runs;
        this.sessions = sessions;
    }

    Map<String, Endpoint> handlers() {
        return Map.of(
                "tinkerListRuns", this::list,
                "tinkerGetRun", call -> Reply.json(shown(runs.find(call, call.path("run_id")))),
                "tinkerListRunCheckpoints", this::checkpoints,
                "tinkerListCheckpoints", this::allCheckpoints,
                "tinkerDeleteCheckpoint", this::delete,
                "tinkerCheckpointTtl", this::ttl,
                "tinkerCheckpointArchive", this::archive,
                "tinkerWeightsInfo", this::weightsInfo,
                "tinkerGetSampler", this::sampler);
    }

    private Reply list(Call call) {
        Pages<Run> page = Pages.of(call, runs.list(call));
        ObjectNode reply = Json.PLAIN.createObjectNode();
        ArrayNode all = reply.putArray("training_runs");
        page.items().forEach(run -> all.add(shown(run)));
        reply.set("cursor", page.cursor());
        return Reply.json(reply);
    }

    private ObjectNode shown(Run run) {
        List<Saved> saved = runs.saved(run);
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("training_run_id", run.id()).put("base_model", run.base()).put("model_owner", run.project());
        json.put("is_lora", true).put("corrupted", false).put("lora_rank", run.rank());
        long last = saved.stream().mapToLong(Saved::createdMs).max().orElse(run.createdMs());
        json.put("last_request_time", Instant.ofEpochMilli(last).toString());
        last(json, "last_checkpoint", Address.TRAINING, saved);
        last(json, "last_sampler_checkpoint", Address.SAMPLER, saved);
        json.set("user_metadata", run.metadata());
        return json;
    }

    private static void last(ObjectNode json, String field, String kind, List<Saved> saved) {
        List<Saved> own =
                saved.stream().filter(each -> each.kind().equals(kind)).toList();
        json.set(field, own.isEmpty() ? null : shown(own.getLast()));
    }

    private static ObjectNode shown(Saved saved) {
        ObjectNode json = Json.PLAIN.createObjectNode();
        json.put("checkpoint_id", saved.kind() + "/" + saved.name());
        json.put("checkpoint_type", saved.kind().equals(Address.TRAINING) ? "training" : "sampler");
        json.put("time", Instant.ofEpochMilli(saved.createdMs()).toString());
        json.put("tinker_path", saved.address().toString())
                .put("size_bytes", saved.bytes())
                .put("public", false);
        json.put(
                "expires_at",
                saved.expiresMs() == 0
                        ? null
                        : Instant.ofEpochMilli(saved.expiresMs()).toString());
        json.set("user_metadata", saved.metadata());
        return json;
    }

    private Reply checkpoints(Call call) {
        ObjectNode reply = Json.PLAIN.createObjectNode();
        ArrayNode all = reply.putArray("checkpoints");
        runs.saved(runs.find(call, call.path("run_id"))).forEach(saved -> all.add(shown(saved)));
        return Reply.json(reply);
    }

    private Reply allCheckpoints(Call call) {
        List<Saved> saved = runs.list(call).stream()
                .flatMap(run -> runs.saved(run).reversed().stream())
                .toList();
        Pages<Saved> page = Pages.of(call, saved);
        ObjectNode reply = Json.PLAIN.createObjectNode();
        ArrayNode all = reply.putArray("checkpoints");
        page.items().forEach(each -> all.add(shown(each)));
        reply.set("cursor", page.cursor());
        return Reply.json(reply);
    }

    private Saved named(Call call) {
        return runs.saved(call, Address.of(call.path("run_id"), call.path("checkpoint_id")));
    }

    private Reply delete(Call call) {
        Saved saved = named(call);
        if (engine.pid().isPresent()) {
            var _ = engine.learn(new Verb.Unload(runs.folder(saved.address()).toString()));
        }
        runs.delete(saved.address());
        return Reply.json(Json.PLAIN.createObjectNode());
    }

    private Reply ttl(Call call) {
        Saved saved = named(call);
        runs.keep(saved, new Body(call.body()).integer("ttl_seconds", 1, LONGEST_TTL, 0));
        return Reply.json(Json.PLAIN.createObjectNode());
    }

    private Reply archive(Call call) {
        Saved saved = named(call);
        Run run = runs.find(call, saved.run());
        Reply.Stream tar = new Reply.Stream(
                "application/x-tar", out -> Archive.write(out, runs.folder(saved.address()), run.base()));
        return new Reply.Headed(
                Map.of(
                        "Content-Disposition",
                        "attachment; filename=\"" + saved.run().replace(':', '.') + "-" + saved.name() + ".tar\""),
                tar);
    }

    private Reply weightsInfo(Call call) {
        Address address = Address.of(new Body(call.body()).text("tinker_path"));
        Saved _ = runs.saved(call, address);
        Run run = runs.find(call, address.run());
        ObjectNode reply =
                Json.PLAIN.createObjectNode().put("base_model", run.base()).put("is_lora", true);
        reply.put("lora_rank", run.rank()).put("train_unembed", false);
        reply.put("train_mlp", run.mlp()).put("train_attn", run.attention());
        reply.putObject("optimizer_config").put("type", "adamw");
        return Reply.json(reply);
    }

    private Reply sampler(Call call) {
        Sessions.Sampler sampler = sessions.sampler(call, call.path("sampler_id"));
        return Reply.json(Json.PLAIN
                .createObjectNode()
                .put("sampler_id", sampler.id())
                .put("base_model", sampler.base())
                .put("model_path", sampler.path()));
    }

    /** Seconds that a checkpoint lives; 0 for ever. */
    static long ttl(Body body) {
        if (body.has("ttl_seconds") && body.integer("ttl_seconds", Long.MIN_VALUE, LONGEST_TTL, 0) < 1) {
            throw ApiError.invalid(
                    "ttl_seconds", "'ttl_seconds' must be at least 1; leave it out to keep the checkpoint.");
        }
        return body.integer("ttl_seconds", 1, LONGEST_TTL, 0);
    }
}
