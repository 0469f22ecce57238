package org.reft4j.server.tinker;

import java.util.Map;
import java.util.stream.Collectors;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Endpoint;

/** Routes of Tinker's API that this server does not do, each with the reason. */
final class NotHere {
    static final Map<String, String> REASONS = Map.ofEntries(
            Map.entry(
                    "tinkerCreateCustomLoss",
                    "A client's loss runs on the client here: forward_backward_custom does that by itself."),
            Map.entry("tinkerCopyWeights", "Checkpoints stay in their project; send the archive of one instead."),
            Map.entry(
                    "tinkerSaveWeightsExternal",
                    "Weights are saved in the server's own folder; fetch the archive of a checkpoint instead."),
            Map.entry(
                    "tinkerExternalWeights",
                    "Weights are saved in the server's own folder; fetch the archive of a checkpoint instead."),
            Map.entry("tinkerPublish", "Checkpoints belong to their project and are shown to nobody else."),
            Map.entry("tinkerUnpublish", "Checkpoints belong to their project and are shown to nobody else."),
            Map.entry("tinkerSearchSessions", "Sessions live in memory and are few; list_sessions has them all."),
            Map.entry("tinkerMoveSession", "A session belongs to the project of its key; take another key."),
            Map.entry("tinkerTraceExport", "No traces are kept; the log of requests has their times."),
            Map.entry("tinkerAudit", "There is no audit log; the log of requests is in the data folder."),
            Map.entry("tinkerUsage", "Nothing is billed here."),
            Map.entry("tinkerStorageUsage", "Nothing is billed here; list_user_checkpoints has the sizes."),
            Map.entry("tinkerOwnKey", "Keys are made and listed on the server, by reft keys."),
            Map.entry("tinkerRevokeOwnKey", "Keys are revoked on the server, by reft keys revoke."),
            Map.entry("tinkerToken", "Keys are not exchanged for tokens here; send the key itself."));

    private NotHere() {}

    static Map<String, Endpoint> handlers() {
        return REASONS.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, reason -> _ -> {
            throw new ApiError(501, "invalid_request_error", null, "not_implemented", reason.getValue());
        }));
    }
}
