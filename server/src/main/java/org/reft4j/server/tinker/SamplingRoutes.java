package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.ground.random.Secrets;
import org.reft4j.server.engine.EngineProcess;
import org.reft4j.server.engine.SampleRequest;
import org.reft4j.server.engine.Verb;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.tinker.Futures.Result;
import org.reft4j.server.tinker.Futures.Work;
import org.reft4j.server.tinker.Run.Address;
import org.reft4j.server.tinker.Run.Saved;
import org.reft4j.server.tinker.Sessions.Sampler;

/** The routes that sample, from a base or from saved weights. */
final class SamplingRoutes {
    private static final int MOST_SAMPLES = 1024;
    private static final int MOST_ALTERNATIVES = 20;
    /** Fields of {@code asample} that would change its answer and that this server does not do. */
    private static final List<String> REFUSED =
            List.of("target_prompt_logprobs", "record_stability_info", "prompt_alt_tokens_k");

    private final EngineProcess engine;
    private final Map<String, String> bases;
    private final Path passing;
    private final Runs runs;
    private final Sessions sessions;
    private final Futures futures;
    private final Completions completions;
    private final Consumer<Sampler> gone;

    /**
     * @param passing folder of weights that live no longer than the session of their sampler
     * @param gone told of samplers that nobody can name any more
     */
    SamplingRoutes(
            EngineProcess engine,
            Map<String, String> bases,
            Path passing,
            Runs runs,
            Sessions sessions,
            Futures futures,
            Completions completions,
            Consumer<Sampler> gone) {
        this.engine = engine;
        this.bases = bases;
        this.passing = passing;
        this.runs = runs;
        this.sessions = sessions;
        this.futures = futures;
        this.completions = completions;
        this.gone = gone;
    }

    Map<String, Endpoint> handlers() {
        return Map.of(
                "tinkerSaveWeightsForSampler", this::save,
                "tinkerCreateSamplingSession", this::create,
                "tinkerJoinSamplingSession", this::join,
                "tinkerRetrieveFutures", call -> completions.retrieve(call, sessions),
                "tinkerSample", this::sample);
    }

    private Reply save(Call call) {
        ObjectNode json = call.body();
        Body body = new Body(json);
        Run run = runs.find(call, body.text("model_id"));
        if (!body.optional("kind").orElse("snapshot").equals("snapshot")) {
            throw ApiError.invalid(
                    "kind", "Samplers here keep the weights that they were made with; send kind: snapshot.");
        }
        long seq = body.integer("seq_id", 0, Integer.MAX_VALUE, 0);
        long ttl = RunRoutes.ttl(body);
        String id = futures.once(
                call,
                run.id(),
                seq,
                () -> body.has("sampling_session_seq_id")
                        ? snapshot(call, body, run)
                        : named(body, run, ttl, json.hasNonNull("user_metadata") ? json.get("user_metadata") : null));
        return Reply.json(Json.PLAIN.createObjectNode().put("request_id", id));
    }

    private CompletableFuture<Result> named(Body body, Run run, long ttl, @Nullable JsonNode metadata) {
        Address address =
                new Address(run.id(), Address.SAMPLER, body.optional("path").orElseGet(() -> Secrets.id("saved-")));
        if (runs.has(address)) {
            throw ApiError.invalid(
                    "path", "There is a checkpoint " + address + "; choose another name, or delete it first.");
        }
        return engine.learn(new Verb.Save(run.learner(), runs.folder(address).toString(), false))
                .thenApply(_ -> {
                    Saved saved = runs.save(address, ttl, metadata);
                    return new Result.Value(Json.PLAIN
                            .createObjectNode()
                            .put("type", "save_weights_for_sampler")
                            .put("path", saved.address().toString()));
                });
    }

    private CompletableFuture<Result> snapshot(Call call, Body body, Run run) {
        Sessions.Session session = sessions.find(call, run.session());
        String id = id(session, body);
        Path folder = passing.resolve(Secrets.id("passing-"));
        return engine.learn(new Verb.Save(run.learner(), folder.toString(), false))
                .thenApply(_ -> {
                    Sampler sampler = sessions.sampler(
                            new Sampler(id, run.project(), session.id(), run.base(), null, folder.toString(), folder),
                            gone);
                    return new Result.Value(Json.PLAIN
                            .createObjectNode()
                            .put("type", "save_weights_for_sampler")
                            .put("sampling_session_id", sampler.id()));
                });
    }

    private static String id(Sessions.Session session, Body body) {
        return session.id() + "-" + body.integer("sampling_session_seq_id", 0, Integer.MAX_VALUE, 0);
    }

    private Reply create(Call call) {
        Body body = new Body(call.body());
        Sessions.Session session = sessions.find(call, body.text("session_id"));
        Sampler sampler = sessions.sampler(sampler(call, body, session.id(), id(session, body)), gone);
        return Reply.json(Json.PLAIN
                .createObjectNode()
                .put("type", "create_sampling_session")
                .put("sampling_session_id", sampler.id()));
    }

    private Reply join(Call call) {
        Sampler sampler = sessions.sampler(call, new Body(call.body()).text("sampling_session_id"));
        return Reply.json(Json.PLAIN
                .createObjectNode()
                .put("type", "join_sampling_session")
                .put("client_counter", sessions.join(sampler)));
    }

    /** The sampler that a body's {@code model_path} or {@code base_model} means. */
    private Sampler sampler(Call call, Body body, String session, String id) {
        String project = call.caller().project();
        if (body.has("model_path")) {
            Address address = Address.of(body.text("model_path"));
            Saved _ = runs.saved(call, address);
            Run run = runs.find(call, address.run());
            return new Sampler(
                    id,
                    project,
                    session,
                    run.base(),
                    address.toString(),
                    runs.folder(address).toString(),
                    null);
        }
        String base = body.text("base_model");
        return new Sampler(id, project, session, base, null, TinkerRoutes.base(bases, base), null);
    }

    private Reply sample(Call call) {
        ObjectNode json = call.body();
        Body body = new Body(json);
        for (String name : REFUSED) {
            JsonNode value = json.path(name);
            boolean asked = !value.isMissingNode()
                    && !value.isNull()
                    && !(value.isBoolean() && !value.asBoolean())
                    && !(value.isNumber() && value.asInt() == 0);
            if (asked) {
                throw ApiError.invalid(name, "This server does not do '" + name + "'; leave it out.");
            }
        }
        String session = body.optional("sampling_session_id").orElse("");
        Sampler sampler = session.isEmpty() ? sampler(call, body, "", "") : sessions.sampler(call, session);
        int prompts = (int) body.integer("topk_prompt_logprobs", 0, MOST_ALTERNATIVES, 0);
        int tops = (int) body.integer("topk_sample_logprobs", 0, MOST_ALTERNATIVES, 0);
        SampleRequest request = request(body, sampler.place(), prompts, tops);
        Wire.Shown shown = new Wire.Shown(
                prompts, tops, (int) body.integer("prompt_logprobs_last_n", 1, Integer.MAX_VALUE, Integer.MAX_VALUE));
        // Clones of a client count from a billion times their number on.
        long seq = session.isEmpty() ? 0 : body.integer("seq_id", 0, Long.MAX_VALUE, 0);
        String id = futures.once(call, "sample/" + session, seq, () -> begin(sampler, request, shown), done -> {
            if (!session.isEmpty()) {
                completions.add(session, seq, done);
            }
        });
        ObjectNode reply = Json.PLAIN.createObjectNode().put("request_id", id);
        IntStream.range(0, request.choices())
                .forEach(i -> reply.withArray("sample_sequence_ids").add(id + "-" + i));
        return Reply.json(reply);
    }

    private Work begin(Sampler sampler, SampleRequest request, Wire.Shown shown) {
        CompletableFuture<Result> result = new CompletableFuture<>();
        sessions.flies(sampler);
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                Samples samples = Samples.of(engine, request);
                result.complete(new Result.Message(Wire.samples(samples, shown)));
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            } finally {
                sessions.landed(sampler);
            }
        });
        return new Work(result, () -> {
            result.completeExceptionally(ApiError.invalid("request_id", "The client cancelled this request."));
            // It waits for tokens; interrupted, it tells the engine that nobody does.
            thread.interrupt();
        });
    }

    private static SampleRequest request(Body body, String place, int prompts, int tops) {
        Body params = body.object("sampling_params");
        List<String> texts = new ArrayList<>();
        List<Integer> tokens = new ArrayList<>();
        JsonNode stop = params.json().path("stop");
        if (stop.isTextual()) {
            texts.add(stop.asText());
        } else if (stop.isArray()) {
            if (stop.isEmpty()) {
                throw ApiError.invalid(
                        "stop", "A model's own end of text cannot be switched off here; leave 'stop' out.");
            }
            stop.forEach(each -> {
                if (each.isInt()) {
                    tokens.add(each.asInt());
                } else if (each.isTextual() && !each.asText().isEmpty()) {
                    texts.add(each.asText());
                } else {
                    throw ApiError.invalid("stop", "'stop' takes texts or tokens, and not " + each + ".");
                }
            });
        } else if (params.has("stop")) {
            throw ApiError.invalid("stop", "'stop' takes a text, texts or tokens.");
        }
        boolean scores = body.flag("prompt_logprobs", false) || prompts > 0;
        int alternatives = Math.max(prompts, tops);
        return new SampleRequest(
                place,
                SampleRequest.Prompt.of(prompt(body)),
                (int) body.integer("num_samples", 1, MOST_SAMPLES, 1),
                params.has("seed") ? params.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, 0) : Secrets.number(),
                (int) params.integer("max_tokens", 1, Integer.MAX_VALUE, 0),
                params.number("temperature", 0, 100, 1),
                params.number("top_p", Double.MIN_VALUE, 1, 1),
                (int) Math.max(0, params.integer("top_k", -1, Integer.MAX_VALUE, -1)),
                texts,
                tokens,
                0,
                0,
                Map.of(),
                alternatives == 0 ? -1 : alternatives,
                scores,
                null);
    }

    private static List<Integer> prompt(Body body) {
        List<Integer> ids = new ArrayList<>();
        for (JsonNode chunk : body.object("prompt").json().path("chunks")) {
            if (!chunk.path("type").asText("encoded_text").equals("encoded_text")
                    || !chunk.path("tokens").isArray()) {
                throw ApiError.invalid(
                        "prompt", "This server takes chunks of tokens; images and sound it does not know.");
            }
            for (JsonNode token : chunk.path("tokens")) {
                if (!token.isInt() || token.asInt() < 0) {
                    throw ApiError.invalid("prompt", "prompt holds " + token + ", which is no token.");
                }
                ids.add(token.asInt());
            }
        }
        if (ids.isEmpty()) {
            throw ApiError.invalid("prompt", "The prompt has no tokens.");
        }
        return ids;
    }
}
