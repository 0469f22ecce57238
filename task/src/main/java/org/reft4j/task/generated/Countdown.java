package org.reft4j.task.generated;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Seeds;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.ReftTemplate;

/**
 * The generated dataset {@code countdown}: reach a target with given numbers and the four operations, as in the television game.
 * Many answers are right, so a verifier grades them: grader type {@code countdown}. A question's answer is one way that leads there.
 *
 * <p>Every puzzle is made from its solution, so there is one. Its skeleton is the numbers in order of size, and the target.
 */
final class Countdown {
    static final String NAME = "countdown";

    private static final String ONCE = "once";
    private static final String AT_MOST_ONCE = "at-most-once";
    private static final List<Character> OPERATORS = List.of('+', '-', '*', '/');

    private final int numbers;
    private final int maxNumber;
    private final int maxTarget;
    private final boolean all;
    private final SplittableRandom random;

    private Countdown(GeneratedOptions options, long seed) {
        numbers = options.whole("numbers", 3, 2, 6);
        maxNumber = options.whole("max-number", 20, 5, 100);
        maxTarget = options.whole("max-target", 100, 10, 1000);
        all = options.word("use", ONCE, AT_MOST_ONCE).equals(ONCE);
        random = Seeds.stream(seed);
    }

    /** A number that was given or reached, and how. */
    private record Term(int value, String expression, boolean given) {
        String inner() {
            return given ? expression : "(" + expression + ")";
        }
    }

    /** @throws DataException if the options are unknown or out of range */
    static Dataset dataset(DataConfig config) {
        GeneratedSplits.requireProse(config);
        GeneratedOptions options = new GeneratedOptions(config);
        GeneratedOptions.Sizes sizes = options.sizes();
        Countdown countdown = new Countdown(options, config.seed());
        options.requireNothingElse();
        GeneratedSplits.Parts parts = new GeneratedSplits(NAME, countdown::draw).deal(sizes);
        ObjectNode grader = JsonNodeFactory.instance.objectNode().put("type", NAME);
        grader.put("use", countdown.all ? ONCE : AT_MOST_ONCE);
        return new Dataset(
                NAME,
                new ReftTemplate(config.cot()),
                parts.train(),
                parts.validation(),
                parts.test(),
                GeneratedSplits.remarks(
                        config,
                        sizes,
                        countdown.numbers + " numbers up to " + countdown.maxNumber
                                + "; no two questions have the same numbers and target"),
                grader);
    }

    private GeneratedSplits.Draw draw() {
        GeneratedSplits.@Nullable Draw draw = null;
        while (draw == null) {
            draw = attempt();
        }
        return draw;
    }

    /** One solution; none if an operation did not come out whole and positive, or the target is too large or given already. */
    private GeneratedSplits.@Nullable Draw attempt() {
        List<Integer> given = new ArrayList<>();
        for (int i = 0; i < numbers; i++) {
            given.add(random.nextInt(1, maxNumber + 1));
        }
        int used = all ? numbers : random.nextInt(2, numbers + 1);
        List<Term> terms = given.subList(0, used).stream()
                .map(number -> new Term(number, Integer.toString(number), true))
                .collect(Collectors.toCollection(ArrayList::new));
        List<String> steps = new ArrayList<>();
        while (terms.size() > 1) {
            Term left = terms.remove(random.nextInt(terms.size()));
            Term right = terms.remove(random.nextInt(terms.size()));
            char operator = OPERATORS.get(random.nextInt(OPERATORS.size()));
            int value = apply(left.value(), operator, right.value());
            if (value <= 0 || value > 10 * maxTarget) {
                return null;
            }
            steps.add(left.value() + " " + operator + " " + right.value() + " = " + value);
            terms.add(new Term(value, left.inner() + " " + operator + " " + right.inner(), false));
        }
        Term solution = terms.getFirst();
        if (solution.value() > maxTarget || given.contains(solution.value())) {
            return null;
        }
        String skeleton = given.stream().sorted().toList() + " " + solution.value();
        // The numbers that are used would come first otherwise.
        List<Integer> shown = Draws.shuffled(given, random);
        return new GeneratedSplits.Draw(skeleton, id -> question(id, shown, solution, steps));
    }

    /** 0 for what is not whole. */
    private static int apply(int left, char operator, int right) {
        return switch (operator) {
            case '+' -> left + right;
            case '-' -> left - right;
            case '*' -> left * right;
            default -> left % right == 0 ? left / right : 0;
        };
    }

    private Question question(String id, List<Integer> shown, Term solution, List<String> steps) {
        String listed = shown.subList(0, shown.size() - 1).stream()
                        .map(number -> Integer.toString(number))
                        .collect(Collectors.joining(", "))
                + " and " + shown.getLast();
        String text = "Make " + solution.value() + " from " + listed + ". Use each number "
                + (all ? "exactly once" : "at most once") + ".";
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        ArrayNode numbersOfRow = row.putArray("numbers");
        shown.forEach(numbersOfRow::add);
        return new Question(id, text, new Answer.Text(solution.expression()), String.join("\n", steps), null, row);
    }
}
