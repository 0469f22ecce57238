package org.reft4j.ground.settings;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.reft4j.ground.text.FuzzyMatch;

/** The key that somebody meant who wrote another. */
final class NearestKey {
    private NearestKey() {}

    /** The legal key that is spelled most alike, if any is alike enough: within two letters or a third of it. */
    static Optional<String> among(List<String> legal, String key) {
        String folded = folded(key);
        return legal.stream()
                .min(Comparator.comparingInt(name -> FuzzyMatch.edits(folded, name)))
                .filter(name -> FuzzyMatch.edits(folded, name) <= Math.max(2, name.length() / 3)
                        && FuzzyMatch.edits(folded, name) < name.length());
    }

    /** A name as keys are spelled: in lower case, with hyphens. */
    static String folded(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
