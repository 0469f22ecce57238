package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;

/** The routes of models: those that the settings name, and those that jobs made of them. */
public final class ModelRoutes {
    private static final int NAMED = 8;

    private final Map<String, String> bases;
    private final ModelNames tuned;
    private final long startedMs;

    /** @param bases places of base models by the name that clients use */
    public ModelRoutes(Map<String, String> bases, ModelNames tuned) {
        this.bases = new TreeMap<>(bases);
        this.tuned = tuned;
        this.startedMs = System.currentTimeMillis();
    }

    public Map<String, Endpoint> handlers() {
        return Map.of("listModels", this::list, "retrieveModel", this::retrieve, "deleteModel", this::delete);
    }

    private Reply list(Call call) {
        ObjectNode list = Json.PLAIN.createObjectNode().put("object", "list");
        ArrayNode data = list.putArray("data");
        bases.keySet().forEach(name -> data.add(json(name, startedMs, "reft4j")));
        String project = call.caller().project();
        tuned.list(project).forEach(model -> data.add(json(model.name(), model.createdMs(), project)));
        return Reply.json(list);
    }

    private Reply retrieve(Call call) {
        String name = call.path("model");
        String project = call.caller().project();
        if (bases.containsKey(name)) {
            return Reply.json(json(name, startedMs, "reft4j"));
        }
        return tuned.find(project, name)
                .map(model -> Reply.json(json(name, model.createdMs(), project)))
                .orElseThrow(() -> missing(name, bases, tuned.list(project)));
    }

    private Reply delete(Call call) {
        String name = call.path("model");
        String project = call.caller().project();
        if (bases.containsKey(name)) {
            throw new ApiError(
                    403,
                    "invalid_request_error",
                    "model",
                    null,
                    "The model " + name + " is a base of the server's settings; only tuned models can be deleted.");
        }
        if (!tuned.delete(project, name)) {
            throw missing(name, bases, tuned.list(project));
        }
        return Reply.json(Json.PLAIN
                .createObjectNode()
                .put("id", name)
                .put("object", "model")
                .put("deleted", true));
    }

    /** The refusal of an unknown model, with what there is. */
    public static ApiError missing(String name, Map<String, String> bases, List<ModelNames.TunedModel> tuned) {
        List<String> known = Stream.concat(
                        bases.keySet().stream(), tuned.stream().map(ModelNames.TunedModel::name))
                .limit(NAMED)
                .toList();
        return ApiError.missing(
                "model",
                "model_not_found",
                "The model '" + name + "' does not exist or you do not have access to it; "
                        + (known.isEmpty() ? "this server has none yet" : "there is " + String.join(", ", known))
                        + ". The server's settings map names to models: \"models: {" + name
                        + ": FOLDER or NAME}\" in server.yaml.");
    }

    private static ObjectNode json(String name, long createdMs, String owner) {
        return Json.PLAIN
                .createObjectNode()
                .put("id", name)
                .put("object", "model")
                .put("created", createdMs / 1000)
                .put("owned_by", owner);
    }
}
