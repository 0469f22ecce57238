package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.Graders;

/**
 * Description of a run's reward scale, for captions.
 *
 * @param reward the rule of the rewards
 * @param right the score from which a completion counts as right; empty if answers are simply right or wrong
 */
record RewardScale(String reward, String right) {
    static RewardScale of(RunReader run) {
        Map<String, String> settings = run.settings();
        Optional<JsonNode> grader = run.grader();
        String control = settings.getOrDefault("control", "none");
        String right = grader.map(each -> "right is a score of " + plain(Graders.passThreshold(each)) + " or more")
                .orElse("");
        if (!control.equals("none")) {
            return new RewardScale("paid by control: " + control + ", not by the grader", right);
        }
        if (grader.isPresent()) {
            return new RewardScale(words(grader.get()), right);
        }
        boolean scored = run.rollouts(RolloutQuery.ALL.first(1)).stream()
                .anyMatch(rollout -> rollout.grade().equals("scored"));
        return new RewardScale(
                scored
                        ? "as the data's own grader scores them"
                        : paid(
                                setting(settings, "reward.correct", RewardRule.REFT.correct()),
                                setting(settings, "reward.wrong", RewardRule.REFT.wrong()),
                                setting(settings, "reward.no-answer", RewardRule.REFT.noAnswer())),
                right);
    }

    private static String words(JsonNode grader) {
        String type = grader.path("type").asText();
        return switch (type) {
            case "answer" ->
                paid(
                        plain(grader.path("correct").asDouble(RewardRule.REFT.correct())),
                        plain(grader.path("wrong").asDouble(RewardRule.REFT.wrong())),
                        plain(grader.path("no_answer").asDouble(RewardRule.REFT.noAnswer())));
            case "math" ->
                paid(
                        plain(grader.path("correct").asDouble(1)),
                        plain(grader.path("wrong").asDouble(0)),
                        plain(grader.path("no_answer").asDouble(0)));
            case "score_model" ->
                "scores of a model, from "
                        + plain(grader.path("range").path(0).asDouble(0)) + " to "
                        + plain(grader.path("range").path(1).asDouble(1));
            default ->
                grader.path("calculate_output").isTextual()
                        ? "the grader's "
                                + grader.path("calculate_output").asText().strip()
                        : "as the run's grader scores them: "
                                + grader.path("name").asText(type);
        };
    }

    private static String setting(Map<String, String> settings, String key, double preset) {
        String written = settings.get(key);
        return plain(written == null ? preset : Double.parseDouble(written));
    }

    private static String paid(String correct, String wrong, String noAnswer) {
        return correct + " right, " + wrong + " wrong, " + noAnswer + " without answer";
    }

    /** Such as 1, 0.5 or -2. */
    private static String plain(double value) {
        return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
    }
}
