package org.reft4j.verify.planted.train.settings;

/** Has a setting, {@code ignored}, that is checked but never read. */
public sealed interface RecipeConfig {
    int steps();

    /** The settings. */
    record Used(int steps, int ignored) implements RecipeConfig {
        public Used {
            if (ignored < 0) {
                throw new IllegalArgumentException("ignored is " + ignored);
            }
        }
    }
}
