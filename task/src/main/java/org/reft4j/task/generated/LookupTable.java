package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table of people, no value twice in a column, and a question that takes one look-up or two.
 *
 * @param columns their names; the first is {@code age}
 * @param rows the values by the person's name, as many as columns
 */
record LookupTable(List<String> columns, Map<String, List<String>> rows) {
    private static final String AGE = "age";
    private static final int YOUNGEST = 5;
    private static final int OLDEST = 60;

    private static final Map<String, List<String>> WORDS = words();
    /** Number of columns beside the name. */
    static final int COLUMNS = 5;

    private static Map<String, List<String>> words() {
        Map<String, List<String>> words = new LinkedHashMap<>();
        words.put("city", List.of("Rome", "Oslo", "Lima", "Cairo", "Paris", "Delhi", "Quito", "Riga", "Seoul", "Bonn"));
        words.put("pet", List.of("cat", "dog", "bird", "fish", "frog", "goat", "horse", "mouse", "duck", "hen"));
        words.put("color", List.of("red", "blue", "green", "black", "white", "pink", "brown", "gray", "gold", "lime"));
        words.put(
                "job", List.of("baker", "nurse", "pilot", "farmer", "cook", "judge", "guard", "coach", "clerk", "vet"));
        return words;
    }

    static Lookup.Puzzle puzzle(int count, int columns, int hops, SplittableRandom random) {
        LookupTable table = of(count, columns, random);
        String who = Draws.one(List.copyOf(table.rows.keySet()), random);
        List<String> asked = Draws.some(table.columns, 2, random);
        return switch (random.nextInt(hops == 1 ? 2 : 4)) {
            case 0 -> table.value(who, asked.getFirst());
            case 1 -> table.person(who, asked.getFirst());
            case 2 -> table.valueOfMatch(who, asked.getFirst(), asked.getLast());
            default -> table.valueOfExtreme(Draws.one(table.columns.subList(1, columns), random), random.nextBoolean());
        };
    }

    private static LookupTable of(int count, int columns, SplittableRandom random) {
        List<String> names = new ArrayList<>(List.of(AGE));
        names.addAll(Draws.some(List.copyOf(WORDS.keySet()), columns - 1, random));
        List<List<String>> values = new ArrayList<>();
        for (String name : names) {
            List<String> all = name.equals(AGE)
                    ? IntStream.rangeClosed(YOUNGEST, OLDEST)
                            .mapToObj(Integer::toString)
                            .toList()
                    : WORDS.getOrDefault(name, List.of());
            values.add(Draws.some(all, count, random));
        }
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String person : Draws.people(count, random)) {
            int row = rows.size();
            rows.put(person, values.stream().map(column -> column.get(row)).toList());
        }
        return new LookupTable(names, rows);
    }

    private String at(String person, String column) {
        return rows.getOrDefault(person, List.of()).get(columns.indexOf(column));
    }

    private Lookup.Puzzle value(String who, String column) {
        String value = at(who, column);
        return puzzle(
                "What is the " + column + " of " + who + "?",
                value,
                "The row of " + who + " is " + row(who) + ". The " + column + " is " + value + ".",
                who);
    }

    private Lookup.Puzzle person(String who, String column) {
        String value = at(who, column);
        return puzzle(
                "Who has the " + column + " " + value + "?",
                who,
                "The " + column + " " + value + " is in the row " + row(who) + ". That is " + who + ".",
                who);
    }

    private Lookup.Puzzle valueOfMatch(String who, String known, String asked) {
        String value = at(who, asked);
        return puzzle(
                "What is the " + asked + " of the one with the " + known + " " + at(who, known) + "?",
                value,
                "The " + known + " " + at(who, known) + " is in the row " + row(who) + ". That is " + who + ". The "
                        + asked + " of " + who + " is " + value + ".",
                who);
    }

    private Lookup.Puzzle valueOfExtreme(String asked, boolean oldest) {
        Comparator<String> byAge = Comparator.comparingInt(person -> Integer.parseInt(at(person, AGE)));
        String who =
                rows.keySet().stream().max(oldest ? byAge : byAge.reversed()).orElseThrow();
        String word = oldest ? "oldest" : "youngest";
        String ages = rows.keySet().stream().map(person -> at(person, AGE)).collect(Collectors.joining(", "));
        return puzzle(
                "What is the " + asked + " of the " + word + "?",
                at(who, asked),
                "The ages are " + ages + ". The " + word + " is " + who + " with " + at(who, AGE) + ". The " + asked
                        + " of " + who + " is " + at(who, asked) + ".",
                who);
    }

    private Lookup.Puzzle puzzle(String asked, String answer, String rationale, String who) {
        String lines = "name | " + String.join(" | ", columns) + "\n"
                + rows.keySet().stream().map(this::row).collect(Collectors.joining("\n"));
        String nameless = rows.values().stream()
                .map(values -> String.join("|", values))
                .sorted()
                .collect(Collectors.joining("\n"));
        String skeleton = columns + nameless + asked.replace(who, String.join("|", rows.getOrDefault(who, List.of())));
        return new Lookup.Puzzle(skeleton, lines + "\n" + asked, answer, rationale);
    }

    private String row(String person) {
        return person + " | " + String.join(" | ", rows.getOrDefault(person, List.of()));
    }
}
