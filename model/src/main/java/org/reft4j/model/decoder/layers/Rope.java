package org.reft4j.model.decoder.layers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.Llama3Rope;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

/**
 * Rotary position embedding: rotates pairs of a head's channels by an angle that grows with the position. The pairs are (i, i + R/2)
 * or, in some families, the neighbours (2i, 2i + 1), of the first {@code R} channels; mostly {@code R} is the width {@code D} of a head,
 * else the other channels stay as they are. Owns tables of cosines and sines, which grow with the longest position asked for.
 *
 * <p>Sources: Su et al. 2021 (arXiv:2104.09864); the scaled kinds as Hugging Face transformers computes them
 * ({@code modeling_rope_utils.py}), in float32 like there.
 */
public final class Rope implements AutoCloseable {
    private static final int FIRST_LENGTH = 1024;

    private final Place place;
    private final float[] frequencies;
    private final float magnitude;
    private final int limit;
    private final boolean neighbours;
    private int length;
    private Tensor cosines;
    private Tensor sines;

    /**
     * Cosines and sines of some tokens: float32, [T, 1, R] for positions that all rows share, else [B, T, 1, R].
     *
     * @param sines signed, so that one product turns both channels of a pair
     * @param width {@code R}
     * @param neighbours whether pairs are neighbours
     */
    record Angles(Tensor cosines, Tensor sines, int width, boolean neighbours) {

        /** Exchanges the channels of each pair: [B, T, heads, R] to the same. */
        private Tensor swapped(Tensor heads) {
            return neighbours
                    ? heads.unflatten(3, new long[] {width / 2, 2})
                            .roll(new long[] {1}, -1)
                            .flatten(3, 4)
                    : heads.roll(new long[] {width / 2}, -1);
        }
    }

    /**
     * @param place of the tables; they are float32
     * @param frequencies radians per position of each of the R/2 pairs
     * @param magnitude what rotated vectors are scaled by (1 but for yarn)
     * @param limit positions are below this
     */
    public Rope(Place place, float[] frequencies, float magnitude, int limit) {
        this(place, frequencies, magnitude, limit, false);
    }

    private Rope(Place place, float[] frequencies, float magnitude, int limit, boolean neighbours) {
        this.place = place;
        this.frequencies = frequencies.clone();
        this.magnitude = magnitude;
        this.limit = limit;
        this.neighbours = neighbours;
        this.length = Math.min(FIRST_LENGTH, limit);
        try (var _ = NativeScope.open()) {
            Angles table = table();
            this.cosines = NativeScope.own(table.cosines());
            this.sines = NativeScope.own(table.sines());
        }
    }

    /** Makes an unscaled one on the first {@code width} channels of a head, neighbours in pairs. */
    public static Rope ofNeighbours(Place place, double theta, int width, int contextLength) {
        return new Rope(place, baseFrequencies(theta, width), 1, contextLength, true);
    }

    /**
     * Reads the kind and its settings in either spelling: {@code rope_parameters}, or {@code rope_theta} and {@code rope_scaling}.
     *
     * @throws UnsupportedModelException if the kind is unknown
     */
    public static Rope of(Place place, ModelConfig config, int headWidth, int contextLength) {
        ModelConfig settings = settings(config, "rope_parameters", "rope_scaling");
        for (JsonNode setting : settings.json()) {
            if (setting.isObject()) {
                throw new UnsupportedModelException(settings.source() + " is " + settings.json()
                        + "; known for this architecture are settings that all layers share");
            }
        }
        return of(place, settings, config.number("rope_theta", 10_000.0), config, headWidth, contextLength);
    }

    /**
     * As {@link #of(Place, ModelConfig, int, int)} for layers of one of {@code layer_types} in a model whose layers differ: settings in
     * {@code rope_parameters} by type; or {@code rope_theta} and {@code rope_scaling}, which are for layers of full attention alone.
     *
     * @param theta where nothing names it
     */
    public static Rope ofLayerType(
            Place place, ModelConfig config, String type, double theta, int headWidth, int contextLength) {
        if (config.json().get("rope_parameters") instanceof ObjectNode byType) {
            ModelConfig every = new ModelConfig(byType, config.source() + ": rope_parameters");
            if (!byType.path("full_attention").isObject()) {
                throw new FormatException(every.source() + " is " + byType
                        + "; expected settings for \"full_attention\" and for \"sliding_attention\"");
            }
            return of(place, settings(every, type), theta, config, headWidth, contextLength);
        }
        return type.equals("full_attention")
                ? of(
                        place,
                        settings(config, "rope_scaling"),
                        config.number("rope_theta", theta),
                        config,
                        headWidth,
                        contextLength)
                : new Rope(place, baseFrequencies(theta, headWidth), 1, contextLength);
    }

    private static Rope of(
            Place place,
            ModelConfig settings,
            double absentTheta,
            ModelConfig config,
            int headWidth,
            int contextLength) {
        if (headWidth % 2 != 0) {
            throw new FormatException(config.source() + ": \"head_dim\" is " + headWidth + "; expected an even number");
        }
        double theta = settings.number("rope_theta", absentTheta);
        double rotated = settings.number("partial_rotary_factor", config.number("partial_rotary_factor", 1.0));
        if (rotated != 1.0) {
            throw new UnsupportedModelException(
                    config.source() + ": partial_rotary_factor " + rotated + "; known is 1 (all of a head's channels)");
        }
        float[] base = baseFrequencies(theta, headWidth);
        String kind = settings.text("rope_type", settings.text("type", "default"));
        return switch (kind) {
            case "default" -> new Rope(place, base, 1, contextLength);
            case "linear" -> new Rope(place, linear(base, settings), 1, contextLength);
            case "llama3" -> new Rope(place, llama3(base, settings, config), 1, contextLength);
            case "yarn" -> yarn(place, base, theta, settings, config, contextLength);
            default ->
                throw new UnsupportedModelException(config.source() + ": unknown rope_type \"" + kind
                        + "\"; known are default, linear, llama3, yarn");
        };
    }

    /** A copy of the radians per position. */
    public float[] frequencies() {
        return frequencies.clone();
    }

    /** Angles of the tokens of a forward pass. */
    Angles at(Positions positions) {
        Tensor rows = positions.rows();
        return rows == null ? range(positions.first(), positions.tokens()) : at(rows, positions.end());
    }

    /** Angles of positions 0 to {@code tokens} - 1: [T, 1, D]. */
    Angles first(int tokens) {
        return range(0, tokens);
    }

    /** Angles of {@code tokens} positions from {@code from} on: [T, 1, D]. */
    Angles range(int from, int tokens) {
        reach(from + tokens);
        return new Angles(cosines.narrow(0, from, tokens), sines.narrow(0, from, tokens), width(), neighbours);
    }

    /**
     * Angles of positions that differ between rows: [B, T, 1, D].
     *
     * @param positions int64 [B, T]
     * @param end more than the largest of them
     */
    Angles at(Tensor positions, int end) {
        reach(end);
        long rows = positions.size(0);
        long tokens = positions.size(1);
        Tensor flat = positions.reshape(rows * tokens);
        return new Angles(
                cosines.index_select(0, flat).view(rows, tokens, 1, width()),
                sines.index_select(0, flat).view(rows, tokens, 1, width()),
                width(),
                neighbours);
    }

    /** The heads turned by their positions' angles: float32 [B, T, heads, D] to the same. Gradients pass through. */
    static Tensor rotate(Tensor heads, Angles angles) {
        long rest = heads.size(3) - angles.width();
        if (rest > 0) {
            TensorVector parts = heads.split_with_sizes(new long[] {angles.width(), rest}, 3);
            return Tensors.cat(3, rotate(parts.get(0), angles), parts.get(1));
        }
        return torch.addcmul(heads.mul(angles.cosines()), angles.swapped(heads), angles.sines());
    }

    /** As {@link #rotate}, written over {@code heads}; only where no gradient is recorded. */
    static void rotateInPlace(Tensor heads, Angles angles) {
        Tensor turning = heads.size(3) > angles.width() ? heads.narrow(3, 0, angles.width()) : heads;
        Tensor swapped = angles.swapped(turning);
        turning.mul_(angles.cosines()).addcmul_(swapped, angles.sines());
    }

    private void reach(int end) {
        if (end <= length) {
            return;
        }
        if (end > limit) {
            throw new IllegalArgumentException("position " + (end - 1) + " is beyond the model's " + limit);
        }
        length = Math.min(limit, Math.max(end, 2 * length));
        try (var _ = NativeScope.open()) {
            Angles table = table();
            close();
            cosines = NativeScope.own(table.cosines());
            sines = NativeScope.own(table.sines());
        }
    }

    private int width() {
        return 2 * frequencies.length;
    }

    /** Both channels of a pair share the angle; the first one's sine is negative, so that one product turns both. */
    private Angles table() {
        Tensor positions = Tensors.range(place, length);
        Tensor angles = torch.outer(positions, Tensors.floats(place, frequencies, frequencies.length));
        Scalar scale = new Scalar(magnitude);
        Tensor cosine = angles.cos().mul(scale);
        Tensor sine = angles.sin().mul(scale);
        return new Angles(pairs(cosine, cosine), pairs(sine.neg(), sine), width(), neighbours);
    }

    /** Joins the values of the first and of the second channel of each pair: twice [T, R/2] to [T, 1, R]. */
    private Tensor pairs(Tensor firsts, Tensor seconds) {
        return neighbours
                ? torch.stack(new TensorVector(firsts, seconds), 2)
                        .flatten(1, 2)
                        .unsqueeze(1)
                : Tensors.cat(1, firsts, seconds).unsqueeze(1);
    }

    /** The object under the first of the keys that has one, or an empty one. */
    private static ModelConfig settings(ModelConfig config, String... keys) {
        for (String key : keys) {
            if (config.json().get(key) instanceof ObjectNode object) {
                return new ModelConfig(object, config.source() + ": " + key);
            }
        }
        return new ModelConfig(config.json().objectNode(), config.source());
    }

    private static float[] baseFrequencies(double theta, int headWidth) {
        float[] frequencies = new float[headWidth / 2];
        for (int i = 0; i < frequencies.length; i++) {
            float exponent = (float) (2 * i) / headWidth;
            frequencies[i] = 1f / (float) Math.pow(theta, exponent);
        }
        return frequencies;
    }

    private static float[] linear(float[] base, ModelConfig settings) {
        float factor = (float) required(settings, "factor");
        float[] scaled = base.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= factor;
        }
        return scaled;
    }

    private static float[] llama3(float[] base, ModelConfig settings, ModelConfig config) {
        Llama3Rope rule = new Llama3Rope(
                required(settings, "factor"),
                required(settings, "low_freq_factor"),
                required(settings, "high_freq_factor"),
                trainedLength(settings, config));
        float[] scaled = base.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (float) rule.scaled(base[i]);
        }
        return scaled;
    }

    /** Peng et al. 2023 (arXiv:2309.00071), sections 3.2 to 3.4: slow pairs are stretched, fast ones kept, a ramp between. */
    private static Rope yarn(
            Place place, float[] base, double theta, ModelConfig settings, ModelConfig config, int limit) {
        double trained = trainedLength(settings, config);
        double factor = settings.number("factor", limit / trained);
        int width = 2 * base.length;
        double low = correction(settings.number("beta_fast", 32), trained, theta, width);
        double high = correction(settings.number("beta_slow", 1), trained, theta, width);
        if (settings.flag("truncate", true)) {
            low = Math.floor(low);
            high = Math.ceil(high);
        }
        low = Math.max(low, 0);
        high = Math.min(high, width - 1);
        double span = low == high ? 0.001 : high - low;
        float[] scaled = base.clone();
        for (int i = 0; i < scaled.length; i++) {
            double stretched = Math.clamp((i - low) / span, 0.0, 1.0);
            scaled[i] = (float) (base[i] / factor * stretched + base[i] * (1 - stretched));
        }
        return new Rope(place, scaled, (float) yarnMagnitude(settings, factor), limit);
    }

    /** The pair that makes {@code turns} whole turns within the trained length. */
    private static double correction(double turns, double trained, double theta, int width) {
        return width * Math.log(trained / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    private static double yarnMagnitude(ModelConfig settings, double factor) {
        double mscale = settings.number("mscale", 0);
        double allDimensions = settings.number("mscale_all_dim", 0);
        double implied = mscale != 0 && allDimensions != 0
                ? magnitude(factor, mscale) / magnitude(factor, allDimensions)
                : magnitude(factor, 1);
        return settings.number("attention_factor", implied);
    }

    private static double magnitude(double factor, double mscale) {
        return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
    }

    private static double trainedLength(ModelConfig settings, ModelConfig config) {
        String key = "original_max_position_embeddings";
        return settings.number(key, config.number(key, config.integer("max_position_embeddings")));
    }

    private static double required(ModelConfig settings, String key) {
        double value = settings.number(key, Double.NaN);
        if (!(value > 0)) {
            throw new FormatException(settings.source() + ": \"" + key + "\" is "
                    + settings.json().path(key) + "; expected a positive number");
        }
        return value;
    }

    @Override
    public void close() {
        cosines.close();
        sines.close();
    }
}
