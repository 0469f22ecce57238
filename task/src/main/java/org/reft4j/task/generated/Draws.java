package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/** Random choices from lists, the same for the same seed. */
final class Draws {
    private Draws() {}

    static <T> T one(List<T> list, SplittableRandom random) {
        return list.get(random.nextInt(list.size()));
    }

    /** Different entries, in random order. */
    static <T> List<T> some(List<T> list, int count, SplittableRandom random) {
        return List.copyOf(shuffled(list, random).subList(0, count));
    }

    static <T> List<T> shuffled(List<T> list, SplittableRandom random) {
        List<T> shuffled = new ArrayList<>(list);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            Collections.swap(shuffled, i, random.nextInt(i + 1));
        }
        return shuffled;
    }

    /** Different names of people. */
    static List<String> people(int count, SplittableRandom random) {
        return some(
                StoryBook.instance().people().stream()
                        .map(person -> person.name())
                        .toList(),
                count,
                random);
    }
}
