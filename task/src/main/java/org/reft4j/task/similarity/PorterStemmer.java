package org.reft4j.task.similarity;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Takes the endings off English words: Porter's algorithm (1980, "An algorithm for suffix stripping") with the departures that NLTK makes
 * from it by default, since METEOR and ROUGE are computed with those.
 *
 * <p>A word is a row of consonants and vowels, {@code [C](VC)^m[V]}. The number m, its measure, decides whether an ending goes.
 */
final class PorterStemmer {
    private static final int SHORTEST = 3;

    /** Words that the rules would stem badly. */
    private static final Map<String, String> IRREGULAR = Map.ofEntries(
            Map.entry("skies", "sky"),
            Map.entry("sky", "sky"),
            Map.entry("dying", "die"),
            Map.entry("lying", "lie"),
            Map.entry("tying", "tie"),
            Map.entry("news", "news"),
            Map.entry("innings", "inning"),
            Map.entry("inning", "inning"),
            Map.entry("outings", "outing"),
            Map.entry("outing", "outing"),
            Map.entry("cannings", "canning"),
            Map.entry("canning", "canning"),
            Map.entry("howe", "howe"),
            Map.entry("proceed", "proceed"),
            Map.entry("exceed", "exceed"),
            Map.entry("succeed", "succeed"));

    private static final List<Ending> PLURALS = endings("sses:ss", "ies:i", "ss:ss", "s:");
    private static final List<Ending> LOST_E = endings("at:ate", "bl:ble", "iz:ize");
    private static final List<Ending> DOUBLE = endings(
            "ational:ate",
            "tional:tion",
            "enci:ence",
            "anci:ance",
            "izer:ize",
            "bli:ble",
            "alli:al",
            "entli:ent",
            "eli:e",
            "ousli:ous",
            "ization:ize",
            "ation:ate",
            "ator:ate",
            "alism:al",
            "iveness:ive",
            "fulness:ful",
            "ousness:ous",
            "aliti:al",
            "iviti:ive",
            "biliti:ble",
            "fulli:ful");
    private static final List<Ending> FULL =
            endings("icate:ic", "ative:", "alize:al", "iciti:ic", "ical:ic", "ful:", "ness:");
    private static final List<Ending> LAST = endings(
            "al:", "ance:", "ence:", "er:", "ic:", "able:", "ible:", "ant:", "ement:", "ment:", "ent:", "ou:", "ism:",
            "ate:", "iti:", "ous:", "ive:", "ize:");

    private PorterStemmer() {}

    /** The stem, in lower case. */
    static String stem(String word) {
        String lower = word.toLowerCase(Locale.ROOT);
        String irregular = IRREGULAR.get(lower);
        if (irregular != null || lower.length() < SHORTEST) {
            return irregular == null ? lower : irregular;
        }
        String stem = finalY(pastAndGerund(plural(lower)));
        stem = last(replace(doubleSuffix(stem), FULL, 1));
        return doubleL(finalE(stem));
    }

    private static String plural(String word) {
        return word.length() == 4 && word.endsWith("ies") ? without(word, "s") : replace(word, PLURALS, 0);
    }

    private static String pastAndGerund(String word) {
        if (word.endsWith("ied")) {
            return without(word, word.length() == 4 ? "d" : "ed");
        }
        if (word.endsWith("eed")) {
            return measure(without(word, "eed")) > 0 ? without(word, "d") : word;
        }
        for (String ending : List.of("ed", "ing")) {
            if (word.endsWith(ending) && hasVowel(without(word, ending))) {
                return mended(without(word, ending));
            }
        }
        return word;
    }

    /** Gives a stem back what it lost to {@code -ed} or {@code -ing}, or takes what it got. */
    private static String mended(String stem) {
        String whole = replace(stem, LOST_E, 0);
        if (!whole.equals(stem)) {
            return whole;
        }
        if (endsInDoubleConsonant(stem)) {
            char end = stem.charAt(stem.length() - 1);
            return end == 'l' || end == 's' || end == 'z' ? stem : stem.substring(0, stem.length() - 1);
        }
        return measure(stem) == 1 && endsShort(stem) ? stem + "e" : stem;
    }

    private static String finalY(String word) {
        if (!word.endsWith("y")) {
            return word;
        }
        String stem = without(word, "y");
        boolean[] consonants = consonants(stem);
        return stem.length() > 1 && consonants[stem.length() - 1] ? stem + "i" : word;
    }

    private static String doubleSuffix(String word) {
        if (word.endsWith("alli") && measure(without(word, "alli")) > 0) {
            return doubleSuffix(without(word, "li"));
        }
        if (word.endsWith("logi")) {
            // The l counts as part of the stem, so that short ones such as "geo" lose their end too.
            return measure(without(word, "ogi")) > 0 ? without(word, "i") : word;
        }
        return replace(word, DOUBLE, 1);
    }

    private static String last(String word) {
        if (word.endsWith("ion")) {
            String stem = without(word, "ion");
            return measure(stem) > 1 && (stem.endsWith("s") || stem.endsWith("t")) ? stem : word;
        }
        return replace(word, LAST, 2);
    }

    private static String finalE(String word) {
        if (!word.endsWith("e")) {
            return word;
        }
        String stem = without(word, "e");
        int measure = measure(stem);
        return measure > 1 || (measure == 1 && !endsShort(stem)) ? stem : word;
    }

    private static String doubleL(String word) {
        return word.endsWith("ll") && measure(without(word, "l")) > 1 ? without(word, "l") : word;
    }

    /** The first ending that fits decides, whether or not the stem before it is long enough. */
    private static String replace(String word, List<Ending> endings, int leastMeasure) {
        for (Ending ending : endings) {
            if (word.endsWith(ending.from)) {
                String stem = without(word, ending.from);
                return leastMeasure == 0 || measure(stem) >= leastMeasure ? stem + ending.to : word;
            }
        }
        return word;
    }

    /** Measure of a stem: the number of times a consonant follows a vowel. */
    private static int measure(String stem) {
        boolean[] consonants = consonants(stem);
        int measure = 0;
        for (int i = 1; i < consonants.length; i++) {
            measure += !consonants[i - 1] && consonants[i] ? 1 : 0;
        }
        return measure;
    }

    private static boolean hasVowel(String stem) {
        for (boolean consonant : consonants(stem)) {
            if (!consonant) {
                return true;
            }
        }
        return false;
    }

    private static boolean endsInDoubleConsonant(String stem) {
        int end = stem.length() - 1;
        return end >= 1 && stem.charAt(end) == stem.charAt(end - 1) && consonants(stem)[end];
    }

    /** Ends as "hop" does: consonant, vowel, consonant but w, x and y; or is a vowel with a consonant. */
    private static boolean endsShort(String stem) {
        boolean[] consonants = consonants(stem);
        int end = consonants.length - 1;
        if (end < 1 || !consonants[end] || consonants[end - 1]) {
            return false;
        }
        return end == 1 || (consonants[end - 2] && "wxy".indexOf(stem.charAt(end)) < 0);
    }

    /** A y is a vowel after a consonant. */
    private static boolean[] consonants(String word) {
        boolean[] consonants = new boolean[word.length()];
        for (int i = 0; i < consonants.length; i++) {
            consonants[i] = switch (word.charAt(i)) {
                case 'a', 'e', 'i', 'o', 'u' -> false;
                case 'y' -> i == 0 || !consonants[i - 1];
                default -> true;
            };
        }
        return consonants;
    }

    private static String without(String word, String ending) {
        return word.substring(0, word.length() - ending.length());
    }

    private static List<Ending> endings(String... written) {
        return List.of(written).stream().map(Ending::of).toList();
    }

    /** Replacement of an ending. */
    private record Ending(String from, String to) {
        /** Reads {@code from:to}. */
        static Ending of(String written) {
            int colon = written.indexOf(':');
            return new Ending(written.substring(0, colon), written.substring(colon + 1));
        }
    }
}
