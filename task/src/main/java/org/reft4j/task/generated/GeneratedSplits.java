package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.Split;

/**
 * Deals questions that a generator makes up into splits. Test and validation come first, so they stay the same whatever the size of
 * train; the annotated questions are the first of train, so more annotation only adds rationales. No two questions have the same
 * skeleton, within a split or across splits.
 */
final class GeneratedSplits {
    /** Repetitions in a row that mean that there are no more new questions, or hardly any. */
    private static final int PATIENCE = 20_000;

    private final String dataset;
    private final Supplier<Draw> generator;
    private final Set<String> skeletons = new HashSet<>();

    GeneratedSplits(String dataset, Supplier<Draw> generator) {
        this.dataset = dataset;
        this.generator = generator;
    }

    /**
     * One thing made up.
     *
     * @param skeleton what questions that are in truth the same have in common
     * @param question the question with its rationale, by its id; asked for once, and only if it is new
     */
    record Draw(String skeleton, Function<String, Question> question) {}

    /** The questions of the splits, those of train annotated as far as asked for. */
    record Parts(List<Question> train, List<Question> validation, List<Question> test) {}

    Parts deal(GeneratedOptions.Sizes sizes) {
        List<Question> test = questions(Split.TEST, sizes.test(), sizes.test());
        List<Question> validation = questions(Split.VALIDATION, sizes.validation(), sizes.validation());
        List<Question> train = questions(Split.TRAIN, sizes.annotated() + sizes.answers(), sizes.annotated());
        return new Parts(train, validation, test);
    }

    private List<Question> questions(Split split, int count, int annotated) {
        String name = dataset + "_" + split.name().toLowerCase(Locale.ROOT) + "_";
        List<Question> questions = new ArrayList<>(count);
        while (questions.size() < count) {
            Question question = next().question().apply(name + questions.size());
            questions.add(questions.size() < annotated ? question : question.withoutRationale());
        }
        return questions;
    }

    private Draw next() {
        for (int i = 0; i < PATIENCE; i++) {
            Draw draw = generator.get();
            if (skeletons.add(draw.skeleton())) {
                return draw;
            }
        }
        throw new DataException(dataset + ": these settings give no more than about " + skeletons.size()
                + " different questions; ask for fewer, or for harder ones");
    }

    /** Remark on generated data. */
    static List<String> remarks(DataConfig config, GeneratedOptions.Sizes sizes, String what) {
        return List.of(
                "generated with seed " + config.seed() + ", " + what,
                "of " + (sizes.annotated() + sizes.answers()) + " train questions the first " + sizes.annotated()
                        + " have a rationale, " + sizes.answers() + " an answer alone");
    }

    /** Refuses programs, for data whose chains of thought are prose. */
    static void requireProse(DataConfig config) {
        if (config.cot() != Cot.PROSE) {
            throw new DataException(config.dataset() + " is reasoned in prose only; give cot n");
        }
    }
}
