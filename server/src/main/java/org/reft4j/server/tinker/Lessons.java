package org.reft4j.server.tinker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.reft4j.server.http.ApiError;
import org.reft4j.train.learn.Lesson;
import org.reft4j.train.loss.TokenLoss;
import org.reft4j.train.loss.TokenLoss.Figure;
import org.reft4j.train.loss.TokenLoss.Numbers;

/** Reads what a client wants to be learnt. What would do nothing is refused, not left out. */
final class Lessons {
    private static final String LOW = "clip_low_threshold";
    private static final String HIGH = "clip_high_threshold";
    private static final String BETA = "beta";
    private static final String TARGETS = "target_tokens";
    private static final String WEIGHTS = "weights";
    private static final String VALUE_CLIP = "value_clip";
    private static final String CONFIG = "loss_fn_config";
    private static final String DATA = "data";

    private Lessons() {}

    static Lesson of(Wire.Request request) {
        TokenLoss loss = loss(request.loss());
        if (request.data().isEmpty()) {
            throw ApiError.invalid(DATA, "'data' is empty; send at least one datum.");
        }
        List<Lesson.Example> examples = new ArrayList<>();
        for (int i = 0; i < request.data().size(); i++) {
            examples.add(example(request.data().get(i), loss, request.forward(), "data[" + i + "]"));
        }
        return new Lesson(loss, numbers(loss, request.settings()), request.forward(), examples);
    }

    private static TokenLoss loss(String name) {
        TokenLoss loss = Lesson.loss(name);
        if (loss == null) {
            String known = String.join(
                    ", ", Arrays.stream(TokenLoss.values()).map(Lessons::lower).toList());
            String why = name.equals("stable_reinforce")
                    ? " has no published formula"
                    : name.equals("custom")
                            ? " is computed by the client here (forward_backward_custom)"
                            : " is not a loss of this server";
            throw ApiError.invalid("loss_fn", "'" + name + "'" + why + "; it does " + known + ".");
        }
        return loss;
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Numbers numbers(TokenLoss loss, Map<String, Double> settings) {
        Set<String> known = switch (loss) {
            case PPO, CISPO, GSPO -> Set.of(LOW, HIGH);
            case DRO -> Set.of(BETA);
            case PPO_CRITIC -> Set.of(VALUE_CLIP);
            case CROSS_ENTROPY, IMPORTANCE_SAMPLING -> Set.of();
        };
        Set<String> unknown = new TreeSet<>(settings.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw ApiError.invalid(
                    CONFIG,
                    "This loss knows no loss_fn_config." + unknown.iterator().next() + "; "
                            + (known.isEmpty()
                                    ? "it has no settings."
                                    : "its settings are " + String.join(", ", new TreeSet<>(known)) + "."));
        }
        double low = settings.getOrDefault(LOW, Numbers.DEFAULTS.low());
        double high = settings.getOrDefault(HIGH, Numbers.DEFAULTS.high());
        double beta = settings.getOrDefault(BETA, Numbers.DEFAULTS.beta());
        double valueClip = settings.getOrDefault(VALUE_CLIP, Numbers.DEFAULTS.valueClip());
        requireLow(loss, low, LOW, CONFIG);
        requireHigh(high, HIGH, CONFIG);
        if (!(beta >= 0 && Double.isFinite(beta))) {
            throw ApiError.invalid(CONFIG, BETA + " is " + beta + "; expected a finite number from 0.");
        }
        if (!(valueClip > 0 && Double.isFinite(valueClip))) {
            throw ApiError.invalid(CONFIG, VALUE_CLIP + " is " + valueClip + "; expected a finite number above 0.");
        }
        return new Numbers(low, high, beta, valueClip);
    }

    private static void requireLow(TokenLoss loss, double low, String place, String field) {
        if (!(low < 1 && (low > 0 || (low == 0 && loss == TokenLoss.CISPO)))) {
            throw ApiError.invalid(
                    field, place + " is " + low + "; expected the lowest ratio, a number above 0 and below 1.");
        }
    }

    private static void requireHigh(double high, String place, String field) {
        if (!(high > 1 && Double.isFinite(high))) {
            throw ApiError.invalid(
                    field, place + " is " + high + "; expected the highest ratio, a finite number above 1.");
        }
    }

    private static Lesson.Example example(Wire.Datum datum, TokenLoss loss, boolean forward, String place) {
        int length = datum.tokens().length;
        if (length == 0) {
            throw ApiError.invalid(DATA, place + ".model_input has no tokens.");
        }
        requireKnown(datum, loss, place);
        double @Nullable [] targets = vector(datum, TARGETS, place);
        if (targets == null) {
            throw ApiError.invalid(DATA, place + ".loss_fn_inputs lacks '" + TARGETS + "'.");
        }
        float @Nullable [] weights = floats(datum, WEIGHTS, place);
        if (weights == null) {
            weights = new float[length];
            Arrays.fill(weights, 1);
        }
        Map<Figure, float[]> figures = new EnumMap<>(Figure.class);
        for (Figure figure : loss.known()) {
            float @Nullable [] values = floats(datum, lower(figure), place);
            if (values != null) {
                requireSound(loss, figure, values, place);
                figures.put(figure, values);
            } else if (loss.needed().contains(figure) && !(forward && loss.ofValues())) {
                throw ApiError.invalid(DATA, place + ".loss_fn_inputs lacks '" + lower(figure) + "'.");
            }
        }
        return new Lesson.Example(datum.tokens(), tokens(datum.tokens(), targets, place), weights, figures);
    }

    private static void requireKnown(Wire.Datum datum, TokenLoss loss, String place) {
        Set<String> known = new TreeSet<>(Set.of(TARGETS, WEIGHTS));
        loss.known().forEach(figure -> known.add(lower(figure)));
        for (String name : datum.inputs().keySet()) {
            if (!known.contains(name)) {
                throw ApiError.invalid(
                        DATA,
                        place + ".loss_fn_inputs has '" + name
                                + "', which this loss does not look at; leave it out. It takes "
                                + String.join(", ", known) + ".");
            }
        }
    }

    private static void requireSound(TokenLoss loss, Figure figure, float[] values, String place) {
        for (int i = 0; i < values.length; i++) {
            String at = place + ".loss_fn_inputs." + lower(figure) + "[" + i + "]";
            if (figure == Figure.CLIP_LOW_THRESHOLD) {
                requireLow(loss, values[i], at, DATA);
            } else if (figure == Figure.CLIP_HIGH_THRESHOLD) {
                requireHigh(values[i], at, DATA);
            }
        }
    }

    /** The targets as tokens. */
    private static int[] tokens(int[] input, double[] targets, String place) {
        int[] tokens = new int[targets.length];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (int) targets[i];
            if (input[i] < 0 || tokens[i] < 0 || tokens[i] != targets[i]) {
                throw ApiError.invalid(DATA, place + " holds a token that is no number from 0, at position " + i + ".");
            }
        }
        return tokens;
    }

    private static double @Nullable [] vector(Wire.Datum datum, String name, String place) {
        double[] values = datum.inputs().get(name);
        if (values != null && values.length != datum.tokens().length) {
            throw ApiError.invalid(
                    DATA,
                    place + ".loss_fn_inputs." + name + " has " + values.length + " values and model_input "
                            + datum.tokens().length + " tokens; expected one value for each token.");
        }
        return values;
    }

    private static float @Nullable [] floats(Wire.Datum datum, String name, String place) {
        double @Nullable [] values = vector(datum, name, place);
        if (values == null) {
            return null;
        }
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
            if (!Float.isFinite(floats[i])) {
                throw ApiError.invalid(DATA, place + ".loss_fn_inputs." + name + "[" + i + "] is no finite number.");
            }
        }
        return floats;
    }
}
