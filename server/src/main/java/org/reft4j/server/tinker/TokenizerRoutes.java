package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;

/** The routes that tell clients which tokenizer a learner has: they load it themselves. */
final class TokenizerRoutes {
    private static final List<String> FILES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "tokenizer.model",
            "chat_template.jinja");

    private final Map<String, String> bases;
    private final boolean local;
    private final Runs runs;

    TokenizerRoutes(Map<String, String> bases, boolean local, Runs runs) {
        this.bases = bases;
        this.local = local;
        this.runs = runs;
    }

    Map<String, Endpoint> handlers() {
        return Map.of("tinkerGetInfo", this::info, "tinkerTokenizer", this::tokenizer);
    }

    private Reply info(Call call) {
        Run run = runs.find(call, new Body(call.body()).text("model_id"));
        ObjectNode reply = Json.PLAIN.createObjectNode().put("type", "get_info").put("model_id", run.id());
        reply.putObject("model_data")
                .put("model_name", run.base())
                .put("tokenizer_id", name(call, run.base()))
                .putNull("arch");
        reply.putObject("optimizer_config").put("type", "adamw");
        reply.put("is_lora", true).put("lora_rank", run.rank()).put("model_name", run.base());
        return Reply.json(reply);
    }

    /** A name on the hub; else the folder, for clients that see it, and the model's name for all others. */
    private String name(Call call, String base) {
        String place = bases.getOrDefault(base, base);
        if (base.contains("/")) {
            return base;
        }
        boolean forwarded = call.header("X-Forwarded-For").isPresent()
                || call.header("Forwarded").isPresent();
        return !Files.exists(Path.of(place)) || (local && !forwarded) ? place : base;
    }

    private Reply tokenizer(Call call) {
        String base = call.path("model_name");
        Path folder = Path.of(TinkerRoutes.base(bases, base));
        List<Path> files =
                FILES.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
        if (files.isEmpty()) {
            throw ApiError.missing(
                    "model_name",
                    "tokenizer_not_found",
                    "The model '" + base + "' has no folder with a tokenizer here; load it from the hub by its name.");
        }
        return new Reply.Stream("application/x-tar", out -> Archive.write(out, folder, files));
    }
}
