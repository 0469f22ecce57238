package org.reft4j.task.source;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Likeness;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;

/**
 * Questions of one split that resemble those of train.
 *
 * @param questions that the split has
 * @param same those that a question of train repeats, the spelling of numbers apart
 * @param twins those, the same included, that differ from a question of train in numbers alone
 * @param close those, the twins included, that share at least nine tenths of their words with a question of train
 */
public record Overlap(int questions, int same, int twins, int close) {
    /** The part of the words of two questions that both have. */
    private static final double CLOSE = 0.9;

    /** Looks for the questions of a split among those of train. */
    public static Overlap of(Dataset data, Split split) {
        Set<String> texts = all(data.train(), Likeness::normalised);
        Set<String> skeletons = all(data.train(), Likeness::skeleton);
        Words words = new Words(data.train());
        int same = 0;
        int twins = 0;
        int close = 0;
        for (Question question : data.questions(split)) {
            boolean twin = skeletons.contains(Likeness.skeleton(question.text()));
            same += texts.contains(Likeness.normalised(question.text())) ? 1 : 0;
            twins += twin ? 1 : 0;
            close += twin || words.haveClose(question) ? 1 : 0;
        }
        return new Overlap(data.questions(split).size(), same, twins, close);
    }

    static Set<String> all(List<Question> questions, Function<String, String> part) {
        return questions.stream()
                .map(question -> part.apply(question.text()))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /**
     * The words of train. Two sets that share so much share one of their rarest words: only questions that do are compared (Chaudhuri et al.,
     * A primitive operator for similarity joins, 2006).
     */
    private static final class Words {
        private final Map<String, Integer> frequency = new HashMap<>();
        private final List<Set<String>> sets = new ArrayList<>();
        private final Map<String, List<Integer>> byRare = new HashMap<>();

        Words(List<Question> questions) {
            for (Question question : questions) {
                Set<String> words = of(question);
                words.forEach(word -> frequency.merge(word, 1, Integer::sum));
                sets.add(words);
            }
            for (int i = 0; i < sets.size(); i++) {
                for (String word : rarest(sets.get(i))) {
                    byRare.computeIfAbsent(word, _ -> new ArrayList<>()).add(i);
                }
            }
        }

        private static Set<String> of(Question question) {
            return new HashSet<>(
                    Arrays.asList(Likeness.normalised(question.text()).split(" ", -1)));
        }

        private List<String> rarest(Set<String> words) {
            int shared = (int) Math.ceil(CLOSE * words.size());
            return words.stream()
                    .sorted(Comparator.comparingInt((String word) -> frequency.getOrDefault(word, 0))
                            .thenComparing(Comparator.naturalOrder()))
                    .limit(words.size() - shared + 1L)
                    .toList();
        }

        boolean haveClose(Question question) {
            Set<String> words = of(question);
            return rarest(words).stream()
                    .flatMap(word -> byRare.getOrDefault(word, List.of()).stream())
                    .distinct()
                    .anyMatch(i -> close(words, sets.get(i)));
        }

        private static boolean close(Set<String> one, Set<String> other) {
            long both = one.stream().filter(other::contains).count();
            return both >= CLOSE * (one.size() + other.size() - both);
        }
    }
}
