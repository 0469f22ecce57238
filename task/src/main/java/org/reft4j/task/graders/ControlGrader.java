package org.reft4j.task.graders;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.reft4j.ground.random.Seeds;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;

/**
 * Rewards something else than being right, to see what a gain is made of: a model that gets better by such a reward did not learn it from
 * the answers (Shao et al. 2025, arXiv:2506.10947). For training only; what is measured is measured by the real grader.
 */
public final class ControlGrader {
    /** Kinds of reward that it gives instead. */
    public enum Control {
        /** The real reward. */
        NONE,
        /** A coin, thrown for each completion of each step, whatever its text. */
        RANDOM,
        /** Any answer that can be read. */
        FORMAT,
        /** The answer of another question. */
        SHUFFLED
    }

    private ControlGrader() {}

    /**
     * @param real the grader that is replaced
     * @param questions all that will be asked
     * @param seed of the exchange of answers
     * @throws IllegalArgumentException for coins, which are not thrown for texts: see {@link #coin}
     */
    public static Grader of(Control control, Grader real, List<Question> questions, long seed) {
        return switch (control) {
            case NONE -> real;
            case RANDOM -> throw new IllegalArgumentException("a coin is thrown for a completion, not for its text");
            case FORMAT -> (question, completion) -> readable(real.grade(question, completion));
            case SHUFFLED -> shuffled(real, questions, seed);
        };
    }

    /**
     * A coin: 1 or 0.
     *
     * @param key of one completion of one step. A coin that a text alone decided would be the same whenever the text is written, and a
     *     policy could learn by heart which texts are lucky
     */
    public static Grade coin(long key) {
        return Grade.Scored.of(Seeds.stream(key).nextBoolean() ? 1 : 0);
    }

    private static Grade readable(Grade grade) {
        return switch (grade) {
            case Grade.Correct correct -> correct;
            case Grade.Wrong(String extracted) -> new Grade.Correct(extracted);
            case Grade.NoAnswer none -> none;
            case Grade.Scored _ -> Grade.Scored.of(1);
            case Grade.Failed failed -> failed;
        };
    }

    private static Grader shuffled(Grader real, List<Question> questions, long seed) {
        List<Answer> answers = new ArrayList<>();
        questions.forEach(question -> answers.add(question.answer()));
        SplittableRandom random = Seeds.stream(seed);
        for (int i = answers.size() - 1; i > 0; i--) {
            int other = random.nextInt(i); // Sattolo: nobody keeps his place
            Answer kept = answers.get(i);
            answers.set(i, answers.get(other));
            answers.set(other, kept);
        }
        Map<String, Answer> exchanged = new HashMap<>();
        for (int i = 0; i < answers.size(); i++) {
            exchanged.put(questions.get(i).id(), answers.get(i));
        }
        return (question, completion) ->
                real.grade(question.with(exchanged.getOrDefault(question.id(), question.answer())), completion);
    }
}
