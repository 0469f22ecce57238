package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Endpoint;
import org.reft4j.server.http.Reply;
import org.reft4j.server.store.CheckpointPermissions;
import org.reft4j.server.store.CheckpointPermissions.Permission;
import org.reft4j.server.store.Page;

/** The routes by which checkpoints are shared with other projects. Permissions are kept and shown; nothing else heeds them. */
public final class PermissionRoutes {
    private static final int PAGE = 10;

    private final CheckpointPermissions permissions;
    private final NamedModels models;

    public PermissionRoutes(CheckpointPermissions permissions, NamedModels models) {
        this.permissions = permissions;
        this.models = models;
    }

    public Map<String, Endpoint> handlers() {
        return Map.of(
                "listFineTuningCheckpointPermissions", this::list,
                "createFineTuningCheckpointPermission", this::create,
                "deleteFineTuningCheckpointPermission", this::delete);
    }

    private String asked(Call call) {
        String name = call.path("fine_tuned_model_checkpoint");
        String project = call.caller().project();
        return models.find(project, name)
                .orElseThrow(() -> models.missing(project, name))
                .name();
    }

    private Reply list(Call call) {
        String model = asked(call);
        String project = call.caller().project();
        Permission after = call.query("after")
                .map(id -> permissions.find(project, model, id).orElseThrow(() -> missing(id)))
                .orElse(null);
        String order = call.query("order").orElse("descending");
        if (!List.of("ascending", "descending").contains(order)) {
            throw ApiError.invalid(
                    "order", "Invalid value for 'order': " + order + "; expected ascending or descending.");
        }
        boolean oldestFirst = order.equals("ascending");
        return Reply.json(JobView.list(
                permissions.list(
                        project,
                        model,
                        call.query("project_id").orElse(null),
                        after,
                        JobRoutes.limit(call, PAGE),
                        oldestFirst),
                PermissionRoutes::json,
                true));
    }

    private Reply create(Call call) {
        String model = asked(call);
        List<String> projects = new ArrayList<>();
        for (JsonNode each : call.body().path("project_ids")) {
            projects.add(each.asText());
        }
        if (projects.isEmpty() || projects.contains("")) {
            throw ApiError.invalid("project_ids", "'project_ids' must be a list of at least one project.");
        }
        List<Permission> made = permissions.add(call.caller().project(), model, projects);
        return Reply.json(JobView.list(new Page<>(made, false), PermissionRoutes::json, true));
    }

    private Reply delete(Call call) {
        String id = call.path("permission_id");
        if (!permissions.delete(call.caller().project(), asked(call), id)) {
            throw missing(id);
        }
        return Reply.json(Json.PLAIN
                .createObjectNode()
                .put("id", id)
                .put("object", "checkpoint.permission")
                .put("deleted", true));
    }

    private static ApiError missing(String id) {
        return ApiError.missing("permission_id", null, "The checkpoint has no permission " + id + ".");
    }

    private static ObjectNode json(Permission permission) {
        return Json.PLAIN
                .createObjectNode()
                .put("id", permission.id())
                .put("object", "checkpoint.permission")
                .put("created_at", JobView.seconds(permission.createdMs()))
                .put("project_id", permission.granted());
    }
}
