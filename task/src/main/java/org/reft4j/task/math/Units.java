package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Units of measure and money: which spellings mean the same. Nothing is converted: 5 km are not 5000 m here. */
final class Units {
    private static final List<String> SAME = List.of(
            "dollar $ usd buck",
            "euro € eur",
            "pound-sterling £ gbp",
            "yen ¥ jpy",
            "rupee ₹ rs inr re",
            "cent ¢",
            "degree ° deg",
            "kilometer km kilometre kms",
            "meter m metre",
            "centimeter cm centimetre cms",
            "millimeter mm millimetre",
            "mile mi",
            "foot feet ft",
            "inch inches in",
            "yard yd",
            "kilogram kg kilo kgs",
            "gram g gm gms",
            "pound lb lbs",
            "ounce oz",
            "liter l litre ltr",
            "milliliter ml millilitre",
            "hour h hr hrs",
            "minute min mins",
            "second s sec secs",
            "person people",
            "child children",
            "man men",
            "woman women",
            "square sq",
            "cubic cu");

    private static final Map<String, String> NAMES = names();

    private Units() {}

    private static Map<String, String> names() {
        Map<String, String> names = new HashMap<>();
        for (String row : SAME) {
            String[] spellings = row.split(" ", -1);
            for (String spelling : spellings) {
                names.put(spelling, spellings[0]);
            }
        }
        return names;
    }

    /** True if a single letter, as after a number, may be a unit rather than an unknown. */
    static boolean isLetter(String name) {
        return name.length() == 1 && isKnown(name);
    }

    static boolean isKnown(String word) {
        return NAMES.containsKey(word.toLowerCase(Locale.ROOT));
    }

    /** One spelling for all that mean the same: {@code sq. ft.}, {@code ft^2} and {@code square feet} are {@code square foot}. */
    static String canonical(String phrase) {
        List<String> words = new ArrayList<>();
        for (String word : phrase.toLowerCase(Locale.ROOT)
                .replaceAll("\\^\\(?2\\)?", " squared ")
                .replaceAll("\\^\\(?3\\)?", " cubed ")
                .replace("/", " per ")
                .replaceAll("[.()'’-]", " ")
                .strip()
                .split("\\s+", -1)) {
            switch (word) {
                case "squared" -> words.add(Math.max(0, words.size() - 1), "square");
                case "cubed" -> words.add(Math.max(0, words.size() - 1), "cubic");
                default -> words.add(name(word));
            }
        }
        return String.join(" ", words);
    }

    private static String name(String word) {
        String known = NAMES.get(word);
        if (known != null) {
            return known;
        }
        if (word.length() > 2 && word.endsWith("s") && !word.endsWith("ss")) {
            String singular = word.substring(0, word.length() - 1);
            return NAMES.getOrDefault(singular, singular);
        }
        return word;
    }
}
