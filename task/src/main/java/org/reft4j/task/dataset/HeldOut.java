package org.reft4j.task.dataset;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A part of some questions set aside, alike to the rest in answers and lengths, the same for the same seed.
 *
 * @param kept in their order
 * @param heldOut in their order
 */
record HeldOut(List<Question> kept, List<Question> heldOut) {
    private static final int LENGTH_STEP = 80;

    /**
     * Shuffles by seed, sorts by stratum and takes every k-th question, so that each stratum gives its share. Questions
     * of the same text stay on one side.
     *
     * @param amount how many; a share when below 1
     */
    static HeldOut of(List<Question> questions, double amount, long seed) {
        Map<String, List<Question>> sameText = new LinkedHashMap<>();
        for (Question question : questions) {
            sameText.computeIfAbsent(normalised(question.text()), _ -> new ArrayList<>())
                    .add(question);
        }
        int wanted = (int) Math.min(sameText.size(), Math.round(amount < 1 ? amount * sameText.size() : amount));
        List<List<Question>> groups = new ArrayList<>(sameText.values());
        Collections.shuffle(groups, new SplittableRandom(seed));
        groups.sort(Comparator.comparing(group -> stratum(group.getFirst())));
        Set<String> out = new HashSet<>();
        for (int i = 0; i < wanted; i++) {
            int at = (int) ((2L * i + 1) * groups.size() / (2L * wanted));
            groups.get(at).forEach(question -> out.add(question.id()));
        }
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

    /** Letters and digits only: what two spellings of one question share. */
    static String normalised(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ").strip();
    }
}
