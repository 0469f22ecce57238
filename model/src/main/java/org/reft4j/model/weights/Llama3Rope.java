package org.reft4j.model.weights;

/**
 * Scaling of the frequencies of rotary embeddings in Llama 3.1 and later: those of long waves are divided by a factor, those of short
 * waves stay, with a ramp between. Source: the "llama3" rule of transformers' {@code modeling_rope_utils.py}.
 *
 * @param factor of the longest waves
 * @param low waves longer than {@code context / low} are scaled by the whole factor
 * @param high waves shorter than {@code context / high} are not scaled
 * @param context tokens that the model was trained on before its context was extended
 */
public record Llama3Rope(double factor, double low, double high, double context) {
    /** The frequency that takes the place of one, both in radians a token. */
    public double scaled(double frequency) {
        double kept = kept(2 * Math.PI / frequency);
        return (1 - kept) * frequency / factor + kept * frequency;
    }

    /** The number that the frequency of a wave is divided by, from 1 to the factor. */
    public double divisor(double wavelength) {
        double kept = kept(wavelength);
        return kept == 0 ? factor : 1 / ((1 - kept) / factor + kept);
    }

    /** The share of a frequency that stays as it was, from 0 for long waves to 1 for short ones. */
    private double kept(double wavelength) {
        if (wavelength < context / high) {
            return 1;
        }
        return wavelength > context / low ? 0 : (context / wavelength - low) / (high - low);
    }
}
