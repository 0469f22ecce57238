package org.reft4j.server.chat;

import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;

/** Finds models for the routes, or refuses their names. */
record Models(ModelPlaces places) {
    String place(Call call, String name) {
        return places.find(call.caller().project(), name)
                .orElseThrow(() -> ApiError.missing(
                        "model",
                        "model_not_found",
                        "The model '" + name + "' does not exist or you do not have access to it; GET /v1/models lists"
                                + " those that there are."));
    }
}
