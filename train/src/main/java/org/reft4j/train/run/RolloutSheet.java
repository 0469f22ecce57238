package org.reft4j.train.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.reft4j.train.rollout.KeptRollout;

/** Rollouts of a run, for people and for programs. */
public final class RolloutSheet {
    private RolloutSheet() {}

    public static Sheet of(List<KeptRollout> found) {
        Sheet sheet = new Sheet();
        ObjectNode figures = sheet.figures();
        figures.put("count", found.size());
        ArrayNode list = figures.putArray("rollouts");
        for (KeptRollout rollout : found) {
            list.add(json(rollout));
            sheet.say(
                    "--- step %d, %s, sample %d: %s, reward %s%s, %s %s, target %s, %d tokens, %s",
                    rollout.step(),
                    rollout.questionId(),
                    rollout.sample(),
                    graded(rollout),
                    Results.figure(rollout.reward()),
                    rollout.parts().isEmpty() ? "" : " " + rollout.parts(),
                    rollout.grade().equals("scored") ? "because" : "extracted",
                    rollout.extracted().filter(text -> !text.isEmpty()).orElse("–"),
                    rollout.target(),
                    rollout.tokens(),
                    rollout.stop());
            sheet.say("%s", rollout.question().strip());
            sheet.say("%s%n", rollout.completion().stripTrailing().indent(4).stripTrailing());
        }
        return sheet;
    }

    private static String graded(KeptRollout rollout) {
        return rollout.grade().equals("scored") ? "scored, " + (rollout.right() ? "right" : "wrong") : rollout.grade();
    }

    private static ObjectNode json(KeptRollout rollout) {
        ObjectNode json = Results.object();
        json.put("step", rollout.step());
        json.put("item_id", rollout.questionId());
        json.put("sample", rollout.sample());
        json.put("question", rollout.question());
        json.put("target", rollout.target());
        json.put("completion", rollout.completion());
        json.put("tokens", rollout.tokens());
        json.put("grade", rollout.grade());
        json.put("correct", rollout.right());
        json.put("extracted", rollout.extracted().orElse(""));
        json.set("reward", Results.number(rollout.reward()));
        Results.parts(json, rollout.parts());
        json.put("stop", rollout.stop());
        return json;
    }
}
