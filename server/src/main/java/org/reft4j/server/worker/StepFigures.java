package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.measure.Evaluation.Answered;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.RunEvent;

/**
 * The figures of a step in the words of OpenAI's API, which has two names for most. Completions that could not be graded have no reward: they
 * are left out of means and counted as errors. Everything that reft4j measures stands under {@code reft4j} by its own name.
 */
final class StepFigures {
    private static final String STEP = "step";
    private static final String FAILED = "failed";

    private final JobPlan plan;

    StepFigures(JobPlan plan) {
        this.plan = plan;
    }

    /**
     * The figures of a step.
     *
     * @param rollouts completions of the step; empty where it samples none
     * @param measured the validation after the step; {@code null} if there was none
     */
    ObjectNode of(RunEvent.Stepped step, List<KeptRollout> rollouts, @Nullable Evaluation measured) {
        ObjectNode data = Json.PLAIN.createObjectNode().put(STEP, step.step()).put("total_steps", step.steps());
        if (plan.reinforcement()) {
            rewards(data, rollouts, measured);
            timing(data, step.timings(), measured);
            new JudgeUsage(step.timings(), measured == null ? Map.of() : measured.judged())
                    .write(data, parts(plan.grader()), rollouts.size(), answers(measured));
        } else {
            losses(data, step.metrics(), measured);
        }
        ObjectNode own = data.putObject("reft4j");
        step.metrics().forEach((name, value) -> number(own, name, finite(value)));
        step.timings().forEach((name, value) -> number(own, name, finite(value)));
        data.put("step_tokens", tokens(step.metrics(), rollouts));
        return data;
    }

    /** The figures of a model before its first step. */
    ObjectNode baseline(Evaluation measured) {
        ObjectNode data = Json.PLAIN.createObjectNode().put(STEP, 0);
        if (plan.reinforcement()) {
            rewards(data, List.of(), measured);
            new JudgeUsage(Map.of(), measured.judged())
                    .write(data, parts(plan.grader()), 0, measured.answers().size());
        } else {
            losses(data, Map.of(), measured);
        }
        return data;
    }

    /**
     * Losses and accuracies of supervised and preference training: of the step's batch, of a batch of the validation file, and at measurements of
     * the whole file.
     */
    private void losses(ObjectNode data, Map<String, Double> metrics, @Nullable Evaluation measured) {
        Map<String, Double> whole = measured == null ? Map.of() : measured.losses();
        OptionalDouble preferred = metric(metrics, "preference-accuracy");
        OptionalDouble tokens = metric(metrics, "mean-token-accuracy");
        number(data, "train_loss", metric(metrics, "loss"));
        // The older name; of pairs it is the share in which the better one is preferred.
        number(data, "train_accuracy", preferred.isPresent() ? preferred : tokens);
        number(data, "train_mean_token_accuracy", tokens);
        number(data, "valid_loss", metric(metrics, "valid-loss"));
        number(data, "valid_mean_token_accuracy", metric(metrics, "valid-mean-token-accuracy"));
        number(data, "full_valid_loss", metric(whole, "loss"));
        number(data, "full_valid_mean_token_accuracy", metric(whole, "mean-token-accuracy"));
        OptionalDouble preference = metric(whole, "preference-accuracy");
        OptionalDouble answers = measured == null ? OptionalDouble.empty() : finite(measured.accuracy());
        number(data, "valid_accuracy", preference.isPresent() ? preference : answers);
    }

    /** The line that people read, and scripts that watch jobs. */
    String message(ObjectNode data) {
        String step = "Step " + data.path(STEP).asInt()
                + (data.has("total_steps") ? "/" + data.path("total_steps").asInt() : "");
        if (!plan.reinforcement()) {
            String figures = Stream.of(
                            "training loss=train_loss",
                            "validation loss=valid_loss",
                            "full validation loss=full_valid_loss")
                    .map(each -> each.split("=", 2))
                    .filter(each -> data.path(each[1]).isNumber())
                    .map(each -> each[0] + "=" + shown(data, each[1]))
                    .collect(Collectors.joining(", "));
            return figures.isEmpty() ? step : step + ": " + figures;
        }
        StringBuilder line = new StringBuilder(step).append(':');
        if (data.path("train_mean_reward").isNumber()) {
            line.append(" train mean reward=")
                    .append(shown(data, "train_mean_reward"))
                    .append(',');
        }
        if (data.path("full_valid_mean_reward").isNumber()) {
            line.append(" full validation mean reward=")
                    .append(shown(data, "full_valid_mean_reward"))
                    .append(", full validation mean parse error=")
                    .append(shown(data, "full_valid_mean_parse_error"))
                    .append(',');
        }
        return line.substring(0, line.length() - 1);
    }

    private static String shown(ObjectNode data, String key) {
        return String.format(Locale.ROOT, "%.2f", data.path(key).asDouble());
    }

    private void rewards(ObjectNode data, List<KeptRollout> rollouts, @Nullable Evaluation measured) {
        List<Answered> answers = measured == null ? List.of() : measured.answers();
        OptionalDouble train = mean(rollouts, KeptRollout::reward);
        OptionalDouble valid = mean(answers, Answered::reward);
        number(data, "train_mean_reward", train);
        number(data, "full_valid_mean_reward", valid);
        number(data, "train_reward_mean", train);
        number(data, "valid_reward_mean", valid);
        number(
                data,
                "full_valid_mean_parse_error",
                share(answers, answer -> answer.grade().equals("no-answer")));
        number(data, "mean_unresponsive_rewards", share(rollouts, KeptRollout::failed));
        number(data, "completion_tokens_mean", mean(rollouts, KeptRollout::tokens));
        // Reasoning has no tokens of its own here: it is part of the completion.
        number(data, "reasoning_tokens_mean", mean(rollouts, _ -> 0));
        number(data, "valid_reasoning_tokens_mean", mean(answers, _ -> 0));
        number(
                data,
                "valid_completion_tokens_mean",
                answers.isEmpty() || measured == null
                        ? OptionalDouble.empty()
                        : OptionalDouble.of((double) measured.tokens() / answers.size()));
        graders(data, rollouts, answers);
        ObjectNode samples = data.putObject("usage").putObject("samples");
        number(samples, "train_reasoning_tokens_mean", mean(rollouts, _ -> 0));
        samples.put("train_reasoning_tokens_count", rollouts.size());
        number(samples, "valid_reasoning_tokens_mean", mean(answers, _ -> 0));
        samples.put("valid_reasoning_tokens_count", answers.size());
    }

    private static int answers(@Nullable Evaluation measured) {
        return measured == null ? 0 : measured.answers().size();
    }

    private void graders(ObjectNode data, List<KeptRollout> rollouts, List<Answered> answers) {
        ObjectNode scores = data.putObject("scores");
        number(scores, "train_reward_mean", mean(rollouts, KeptRollout::reward));
        number(scores, "valid_reward_mean", mean(answers, Answered::reward));
        ArrayNode of = scores.putArray("graders");
        ArrayNode errors = data.putObject("errors").putArray("graders");
        JsonNode described = plan.grader();
        parts(described).forEach((name, part) -> {
            boolean whole = part.equals(described);
            ObjectNode score = of.addObject()
                    .put("name", name)
                    .put("type", part.path("type").asText());
            number(
                    score,
                    "train_reward_mean",
                    mean(rollouts, rollout -> whole ? rollout.reward() : part(rollout.parts(), name)));
            number(
                    score,
                    "valid_reward_mean",
                    mean(answers, answer -> whole ? answer.reward() : part(answer.parts(), name)));
        });
        // What failed is known of the grader as a whole: a part that fails, fails it.
        ObjectNode error = errors.addObject()
                .put("name", described.path("name").asText("grader"))
                .put("type", described.path("type").asText());
        error(
                error,
                "train",
                rollouts,
                KeptRollout::failed,
                rollout -> rollout.grade().equals("no-answer"));
        error(
                error,
                "valid",
                answers,
                answer -> answer.grade().equals(FAILED),
                answer -> answer.grade().equals("no-answer"));
    }

    private static <T> void error(
            ObjectNode error, String split, List<T> all, Predicate<T> failed, Predicate<T> unread) {
        number(error, split + "_sample_parse_error_mean", share(all, unread));
        error.put(
                split + "_sample_parse_error_count", all.stream().filter(unread).count());
        number(error, split + "_other_error_mean", share(all, failed));
        error.put(split + "_other_error_count", all.stream().filter(failed).count());
    }

    private static double part(Map<String, Double> parts, String name) {
        return parts.getOrDefault(name, Double.NaN);
    }

    /** The graders of a description by name: those of a multi, or the one itself. */
    static Map<String, JsonNode> parts(JsonNode described) {
        JsonNode graders = described.path("graders");
        if (!graders.isContainerNode() || graders.isEmpty()) {
            return Map.of(described.path("name").asText("grader"), described);
        }
        Map<String, JsonNode> parts = new LinkedHashMap<>();
        if (graders.isArray()) {
            graders.forEach(each -> parts.put(each.path("name").asText(), each));
        } else if (graders.path("type").isTextual()) {
            parts.put(graders.path("name").asText(), graders);
        } else {
            graders.properties().forEach(entry -> parts.put(entry.getKey(), entry.getValue()));
        }
        return parts;
    }

    private void timing(ObjectNode data, Map<String, Double> timings, @Nullable Evaluation measured) {
        ObjectNode step = data.putObject("timing").putObject("step");
        number(step, "sampling", metric(timings, "sample-seconds"));
        number(step, "training", metric(timings, "update-seconds"));
        OptionalDouble eval = measured == null ? OptionalDouble.empty() : finite(measured.seconds());
        number(step, "eval", eval);
        OptionalDouble trained = metric(timings, "seconds");
        number(
                step,
                "full_iteration",
                trained.isPresent() ? OptionalDouble.of(trained.getAsDouble() + eval.orElse(0)) : trained);
        // The time is that of the grader as a whole.
        ObjectNode grader = data.withObject("/timing").putArray("graders").addObject();
        grader.put("name", plan.grader().path("name").asText("grader"))
                .put("type", plan.grader().path("type").asText());
        number(grader, "train_execution_latency_mean", metric(timings, "grade-latency-mean"));
        grader.putNull("valid_execution_latency_mean");
    }

    private static long tokens(Map<String, Double> metrics, List<KeptRollout> rollouts) {
        double rows = metrics.getOrDefault("tokens", 0.0);
        double prompts = metrics.getOrDefault("prompt-length-mean", 0.0) * rollouts.size();
        return Math.round(rows
                + prompts
                + rollouts.stream().mapToLong(KeptRollout::tokens).sum());
    }

    private static OptionalDouble metric(Map<String, Double> metrics, String name) {
        Double value = metrics.get(name);
        return value == null ? OptionalDouble.empty() : finite(value);
    }

    private static OptionalDouble finite(double value) {
        return Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    /** The mean of what is a number. */
    private static <T> OptionalDouble mean(List<T> all, ToDoubleFunction<T> value) {
        return all.stream().mapToDouble(value).filter(Double::isFinite).average();
    }

    private static <T> OptionalDouble share(List<T> all, Predicate<T> that) {
        return all.stream().mapToDouble(each -> that.test(each) ? 1 : 0).average();
    }

    private static void number(ObjectNode node, String name, OptionalDouble value) {
        if (value.isPresent()) {
            node.put(name, value.getAsDouble());
        } else {
            node.putNull(name);
        }
    }
}
