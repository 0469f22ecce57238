package org.reft4j.server.tinker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.engine.Lesson;
import org.reft4j.server.http.ApiError;
import org.reft4j.train.loss.TokenLoss;
import org.reft4j.train.loss.TokenLoss.Numbers;

/** Reads what a client wants to be learnt. What would do nothing is refused, not left out. */
final class Lessons {
    private static final String LOW = "clip_low_threshold";
    private static final String HIGH = "clip_high_threshold";
    private static final String BETA = "beta";
    private static final String TARGETS = "target_tokens";
    private static final String WEIGHTS = "weights";
    private static final String ADVANTAGES = "advantages";
    private static final String LOGPROBS = "logprobs";

    private Lessons() {}

    static Lesson of(Wire.Request request) {
        TokenLoss loss = loss(request.loss());
        if (request.data().isEmpty()) {
            throw ApiError.invalid("data", "'data' is empty; send at least one datum.");
        }
        List<Lesson.Example> examples = new ArrayList<>();
        for (int i = 0; i < request.data().size(); i++) {
            examples.add(example(request.data().get(i), loss, "data[" + i + "]"));
        }
        return new Lesson(loss, numbers(loss, request.settings()), request.forward(), examples);
    }

    private static TokenLoss loss(String name) {
        TokenLoss loss = Lesson.loss(name);
        if (loss == null) {
            String known = String.join(
                    ", ",
                    Arrays.stream(TokenLoss.values())
                            .map(each -> each.name().toLowerCase(java.util.Locale.ROOT))
                            .toList());
            String why = name.startsWith("ppo_critic")
                    ? " needs a critic, which learners of this server do not have"
                    : " is not a loss of this server";
            throw ApiError.invalid("loss_fn", "'" + name + "'" + why + "; it does " + known + ".");
        }
        return loss;
    }

    private static Numbers numbers(TokenLoss loss, Map<String, Double> settings) {
        Set<String> known = switch (loss) {
            case PPO, CISPO, GSPO -> Set.of(LOW, HIGH);
            case DRO -> Set.of(BETA);
            case CROSS_ENTROPY, IMPORTANCE_SAMPLING -> Set.of();
        };
        Set<String> unknown = new TreeSet<>(settings.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw ApiError.invalid(
                    "loss_fn_config",
                    "This loss knows no loss_fn_config." + unknown.iterator().next() + "; "
                            + (known.isEmpty()
                                    ? "it has no settings."
                                    : "its settings are " + String.join(", ", new TreeSet<>(known)) + "."));
        }
        double low = settings.getOrDefault(LOW, Numbers.DEFAULTS.low());
        double high = settings.getOrDefault(HIGH, Numbers.DEFAULTS.high());
        double beta = settings.getOrDefault(BETA, Numbers.DEFAULTS.beta());
        if (!(low < 1 && (low > 0 || (low == 0 && loss == TokenLoss.CISPO)))) {
            throw ApiError.invalid(
                    "loss_fn_config",
                    LOW + " is " + low + "; expected the lowest ratio, a number above 0 and below 1.");
        }
        if (!(high > 1 && Double.isFinite(high))) {
            throw ApiError.invalid(
                    "loss_fn_config", HIGH + " is " + high + "; expected the highest ratio, a finite number above 1.");
        }
        if (!(beta >= 0 && Double.isFinite(beta))) {
            throw ApiError.invalid("loss_fn_config", BETA + " is " + beta + "; expected a finite number from 0.");
        }
        return new Numbers(low, high, beta);
    }

    private static Lesson.Example example(Wire.Datum datum, TokenLoss loss, String place) {
        int length = datum.tokens().length;
        if (length == 0) {
            throw ApiError.invalid("data", place + ".model_input has no tokens.");
        }
        Set<String> known = new HashSet<>(Set.of(TARGETS, WEIGHTS));
        if (loss.ofSamples()) {
            known.addAll(Set.of(ADVANTAGES, LOGPROBS));
        }
        for (String name : datum.inputs().keySet()) {
            if (!known.contains(name)) {
                throw ApiError.invalid(
                        "data",
                        place + ".loss_fn_inputs has '" + name
                                + "', which this loss does not look at; leave it out. It takes "
                                + String.join(", ", new TreeSet<>(known)) + ".");
            }
        }
        double @Nullable [] targets = vector(datum, TARGETS, place);
        if (targets == null) {
            throw ApiError.invalid("data", place + ".loss_fn_inputs lacks '" + TARGETS + "'.");
        }
        float[] weights = floats(datum, WEIGHTS, place, 1f);
        boolean samples = loss.ofSamples();
        return new Lesson.Example(
                tokens(datum.tokens(), targets, place),
                weights,
                samples ? floats(datum, ADVANTAGES, place, null) : new float[length],
                samples ? floats(datum, LOGPROBS, place, null) : new float[length]);
    }

    /** The whole sequence: each target must be the token that follows. */
    private static int[] tokens(int[] input, double[] targets, String place) {
        int[] tokens = Arrays.copyOf(input, input.length + 1);
        for (int i = 0; i < input.length; i++) {
            int target = (int) targets[i];
            if (tokens[i] < 0 || target < 0 || target != targets[i]) {
                throw ApiError.invalid(
                        "data", place + " holds a token that is no number from 0, at position " + i + ".");
            }
            if (i + 1 < input.length && target != input[i + 1]) {
                throw ApiError.invalid(
                        "data",
                        place + ": target_tokens[" + i + "] is " + target + " and model_input[" + (i + 1) + "] is "
                                + input[i + 1]
                                + "; this server scores the tokens that follow, so they must be the same.");
            }
        }
        tokens[input.length] = (int) targets[input.length - 1];
        return tokens;
    }

    private static double @Nullable [] vector(Wire.Datum datum, String name, String place) {
        double[] values = datum.inputs().get(name);
        if (values != null && values.length != datum.tokens().length) {
            throw ApiError.invalid(
                    "data",
                    place + ".loss_fn_inputs." + name + " has " + values.length + " values and model_input "
                            + datum.tokens().length + " tokens; expected one value for each token.");
        }
        return values;
    }

    private static float[] floats(Wire.Datum datum, String name, String place, @Nullable Float byDefault) {
        double @Nullable [] values = vector(datum, name, place);
        float[] floats = new float[datum.tokens().length];
        if (values == null) {
            if (byDefault == null) {
                throw ApiError.invalid("data", place + ".loss_fn_inputs lacks '" + name + "'.");
            }
            Arrays.fill(floats, byDefault);
            return floats;
        }
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
            if (!Float.isFinite(floats[i])) {
                throw ApiError.invalid("data", place + ".loss_fn_inputs." + name + "[" + i + "] is no finite number.");
            }
        }
        return floats;
    }
}
