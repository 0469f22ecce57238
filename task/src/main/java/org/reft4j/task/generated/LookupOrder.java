package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * People in an order that is told by neighbouring pairs, in any sequence and from either side, and a question about the whole order.
 *
 * @param people from the most to the least
 * @param scale what they are compared by
 */
record LookupOrder(List<String> people, Scale scale) {
    /** Words of a quality: for more and less of it, and for the most and the least. */
    private record Scale(String more, String less, String most, String least) {}

    private static final List<Scale> SCALES = List.of(
            new Scale("older", "younger", "oldest", "youngest"),
            new Scale("taller", "shorter", "tallest", "shortest"),
            new Scale("faster", "slower", "fastest", "slowest"),
            new Scale("heavier", "lighter", "heaviest", "lightest"),
            new Scale("richer", "poorer", "richest", "poorest"));

    static Lookup.Puzzle puzzle(int count, SplittableRandom random) {
        return new LookupOrder(Draws.people(count, random), Draws.one(SCALES, random)).ask(random);
    }

    private Lookup.Puzzle ask(SplittableRandom random) {
        List<String> told = new ArrayList<>();
        for (int i = 0; i + 1 < people.size(); i++) {
            told.add(
                    random.nextBoolean()
                            ? pair(i)
                            : people.get(i + 1) + " is " + scale.less() + " than " + people.get(i) + ".");
        }
        String clues = String.join(" ", Draws.shuffled(told, random));
        String pairs =
                IntStream.range(0, people.size() - 1).mapToObj(this::pair).collect(Collectors.joining(" "));
        String chain = pairs + " From the " + scale.most() + " to the " + scale.least() + ": "
                + String.join(", ", people) + ". ";
        int at = random.nextInt(people.size());
        String who = people.get(at);
        String last = people.getLast();
        return switch (random.nextInt(4)) {
            case 0 ->
                puzzle(
                        clues + " Who is the " + scale.most() + "?",
                        people.getFirst(),
                        chain + "The first is " + people.getFirst() + ".");
            case 1 -> puzzle(clues + " Who is the " + scale.least() + "?", last, chain + "The last is " + last + ".");
            case 2 ->
                puzzle(
                        clues + " Who is the second " + scale.most() + "?",
                        people.get(1),
                        chain + "The second is " + people.get(1) + ".");
            default ->
                puzzle(
                        clues + " How many are " + scale.more() + " than " + who + "?",
                        Integer.toString(at),
                        chain + "Before " + who + " there are " + at + ".");
        };
    }

    private String pair(int at) {
        return people.get(at) + " is " + scale.more() + " than " + people.get(at + 1) + ".";
    }

    private static int first(String text, String name) {
        return Pattern.compile("\\b" + name + "\\b")
                .matcher(text)
                .results()
                .mapToInt(found -> found.start())
                .findFirst()
                .orElse(text.length());
    }

    private Lookup.Puzzle puzzle(String text, String answer, String rationale) {
        List<String> named = new ArrayList<>(people);
        named.sort(Comparator.comparingInt(name -> first(text, name)));
        String skeleton = text;
        for (int i = 0; i < named.size(); i++) {
            skeleton = skeleton.replaceAll("\\b" + named.get(i) + "\\b", "#" + i);
        }
        return new Lookup.Puzzle(skeleton, text, answer, rationale);
    }
}
