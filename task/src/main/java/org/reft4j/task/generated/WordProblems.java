package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.reft4j.ground.random.Seeds;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;

/**
 * The embedded dataset {@code wordproblems}: arithmetic stories made up by seed, dealt by {@link GeneratedSplits}.
 *
 * <p>No two questions have the same skeleton (see {@link Story}), within a split or across splits: what is right on
 * test was not learned by heart.
 */
final class WordProblems {
    private static final int LETTERS = 5;

    private final WordProblemOptions options;
    private final Cot cot;
    private final SplittableRandom random;
    private final List<Integer> letters = new ArrayList<>();

    private WordProblems(WordProblemOptions options, Cot cot, long seed) {
        this.options = options;
        this.cot = cot;
        this.random = Seeds.stream(seed);
    }

    /** @throws DataException if the options are unknown or out of range */
    static Dataset dataset(DataConfig config) {
        WordProblemOptions options = WordProblemOptions.of(config.options());
        WordProblems generator = new WordProblems(options, config.cot(), config.seed());
        GeneratedSplits.Parts parts = new GeneratedSplits(GeneratedSets.EMBEDDED, generator::draw)
                .deal(new GeneratedOptions.Sizes(
                        options.annotated(), options.answers(), options.validation(), options.test()));
        return new Dataset(
                GeneratedSets.EMBEDDED,
                new ReftTemplate(config.cot(), ReftTemplate.ProgramHead.SIGNATURE),
                parts.train(),
                parts.validation(),
                parts.test(),
                List.of(
                        "generated with seed " + config.seed() + ", " + options.stepsMin() + " to " + options.stepsMax()
                                + " steps of arithmetic; no two questions are the same sum told of somebody else",
                        "of " + parts.train().size() + " train questions the first " + options.annotated()
                                + " have a rationale, " + options.answers() + " an answer alone"));
    }

    private GeneratedSplits.Draw draw() {
        Story story = StoryTeller.tell(options, random);
        return new GeneratedSplits.Draw(story.skeleton(), id -> question(id, story));
    }

    private Question question(String id, Story story) {
        if (!options.choice()) {
            String rationale = cot == Cot.PROGRAM ? story.program() : story.prose();
            Answer answer = new Answer.Numeric(Integer.toString(story.answer()), story.answer());
            return new Question(id, story.text(), answer, rationale);
        }
        int right = nextLetter();
        List<Integer> values = new ArrayList<>(story.mistakes(LETTERS - 1));
        for (int i = values.size() - 1; i > 0; i--) {
            Collections.swap(values, i, random.nextInt(i + 1));
        }
        values.add(right, story.answer());
        List<String> spelled = new ArrayList<>();
        for (int value : values) {
            spelled.add((char) ('a' + spelled.size()) + " ) " + value);
        }
        String letter = String.valueOf((char) ('a' + right));
        String rationale =
                cot == Cot.PROGRAM ? story.program(values) : story.prose() + " That is option " + letter + ".";
        return new Question(id, story.text() + "\n" + String.join(" , ", spelled), Answer.Choice.of(letter), rationale);
    }

    /** Each letter once in five questions, in changing order. */
    private int nextLetter() {
        if (letters.isEmpty()) {
            letters.addAll(List.of(0, 1, 2, 3, 4));
            Collections.shuffle(letters, random);
        }
        return letters.removeLast();
    }
}
