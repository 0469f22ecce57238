package org.reft4j.server.page;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.reft4j.server.http.Call;

/**
 * The page to chat with two models.
 *
 * @param wanted the name of the first model, where the address says which
 * @param base the model that it was trained from
 * @param grader of its job, as JSON; empty for none
 * @param questions the id of the file that the job is measured with, or else that it learns from; empty for none
 * @param note what to do where the wanted model has no name yet
 */
record ChatPage(String wanted, String base, String prompt, String grader, String questions, String note) {
    static ChatPage of(Works works, Call call) {
        String prompt = call.query("prompt").orElse("");
        Optional<Work> work = call.query("run").map(id -> works.find(call.caller(), id));
        if (work.isEmpty()) {
            return new ChatPage(call.query("model").orElse(""), "", prompt, "", "", "");
        }
        String step = call.query("step").orElse("");
        if (work.get().job().isEmpty()) {
            String folder = work.get()
                    .snapshot()
                    .map(run -> run.run().folder() + "/checkpoints")
                    .orElse("its folder");
            return new ChatPage(
                    "",
                    "",
                    prompt,
                    "",
                    "",
                    "This run was made by the command line, so its checkpoints have no name here. Give one to them in server.yaml,"
                            + " under models, such as “mine: " + folder
                            + "/step-…”, and start the server again; or chat in a terminal:"
                            + " reft chat.");
        }
        JobTable.Entry job = work.get().job().get();
        String name = works.checkpoints(job.id()).getOrDefault(step, "");
        String note = "";
        if (name.isEmpty()) {
            name = job.result().orElse("");
            note = step.isEmpty() || !name.isEmpty()
                    ? ""
                    : "The checkpoint of step " + step
                            + " is no model yet: those of measurements are, and that of a pause"
                            + " once its step has ended.";
        }
        JsonNode request = job.asked();
        JsonNode grader = request.at("/method/reinforcement/grader");
        String questions = request.path("validation_file")
                .asText(request.path("training_file").asText());
        return new ChatPage(
                name, job.model(), prompt, grader.isObject() ? grader.toPrettyString() : "", questions, note);
    }
}
