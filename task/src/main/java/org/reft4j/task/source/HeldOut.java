package org.reft4j.task.source;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.reft4j.ground.random.Seeds;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Likeness;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.SplitRule;

/**
 * A part of some questions set aside, alike to the rest in answers and lengths, the same for the same seed.
 *
 * @param kept in their order
 * @param heldOut in their order
 */
record HeldOut(List<Question> kept, List<Question> heldOut) {
    private static final int LENGTH_STEP = 80;

    /** Fewest groups that are held out; larger ones are taken apart. */
    private static final int LEAST_GROUPS = 4;

    /**
     * Shuffles groups by seed, sorts them by stratum and takes them at even distances, so that each stratum gives its share. Questions that
     * differ in numbers alone stay on one side, as long as there are enough others: of those with a skeleton that so many share that hardly
     * another would be held out, only the ones that say the same do.
     *
     * @param amount how many, give or take half a group; a share when below 1
     */
    static HeldOut of(List<Question> questions, double amount, long seed) {
        int wanted = (int) Math.min(questions.size(), Math.round(amount < 1 ? amount * questions.size() : amount));
        int most = Math.max(2, wanted / LEAST_GROUPS);
        List<List<Question>> groups = new ArrayList<>();
        for (List<Question> alike : grouped(questions, Likeness::skeleton)) {
            if (alike.size() <= most) {
                groups.add(alike);
            } else {
                groups.addAll(grouped(alike, Likeness::normalised));
            }
        }
        arrange(groups, seed);
        Set<String> out = new HashSet<>();
        long seen = 0;
        for (List<Question> group : groups) {
            seen += group.size();
            // As soon as half of the group is due.
            if ((2L * out.size() + group.size()) * questions.size() < 2 * seen * wanted) {
                group.forEach(question -> out.add(question.id()));
            }
        }
        if (out.isEmpty() && wanted > 0) {
            smallest(groups).forEach(question -> out.add(question.id()));
        }
        return divided(questions, out);
    }

    private static List<Question> smallest(List<List<Question>> groups) {
        if (groups.size() < 2) {
            throw new DataException("all " + groups.getFirst().size()
                    + " train questions say the same, so that none can be held out: set data.validation to 0");
        }
        return groups.stream().min(Comparator.comparingInt(List::size)).orElseThrow();
    }

    /** The rule of {@link SplitRule#BY_TEXT}, digit for digit: runs that began with it go on with it. */
    static HeldOut byText(List<Question> questions, double amount, long seed) {
        List<List<Question>> groups = new ArrayList<>(grouped(questions, Likeness::letters));
        int wanted = (int) Math.min(groups.size(), Math.round(amount < 1 ? amount * groups.size() : amount));
        arrange(groups, seed);
        Set<String> out = new HashSet<>();
        for (int i = 0; i < wanted; i++) {
            int at = (int) ((2L * i + 1) * groups.size() / (2L * wanted));
            groups.get(at).forEach(question -> out.add(question.id()));
        }
        return divided(questions, out);
    }

    private static Collection<List<Question>> grouped(List<Question> questions, Function<String, String> key) {
        Map<String, List<Question>> groups = new LinkedHashMap<>();
        for (Question question : questions) {
            groups.computeIfAbsent(key.apply(question.text()), _ -> new ArrayList<>())
                    .add(question);
        }
        return groups.values();
    }

    private static void arrange(List<List<Question>> groups, long seed) {
        Collections.shuffle(groups, Seeds.stream(seed));
        groups.sort(Comparator.comparing(group -> stratum(group.getFirst())));
    }

    private static HeldOut divided(List<Question> questions, Set<String> out) {
        return new HeldOut(
                questions.stream()
                        .filter(question -> !out.contains(question.id()))
                        .toList(),
                questions.stream()
                        .filter(question -> out.contains(question.id()))
                        .toList());
    }

    private static String stratum(Question question) {
        String answer = switch (question.answer()) {
            case Answer.Numeric number ->
                (number.value() < 0 ? "-" : "+") + (int) Math.floor(Math.log10(Math.abs(number.value()) + 1));
            case Answer.Choice choice -> choice.letter();
            case Answer.Text _, Answer.Unknown _ -> "";
        };
        return answer + String.format(Locale.ROOT, " %06d", question.text().length() / LENGTH_STEP);
    }
}
