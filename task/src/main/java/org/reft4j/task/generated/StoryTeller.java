package org.reft4j.task.generated;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.generated.Move.Amount;
import org.reft4j.task.generated.Move.Holding;
import org.reft4j.task.generated.Move.Turn;

/** Makes up one story, sentence by sentence, keeping the sum whole, positive and within bounds. One use. */
final class StoryTeller {
    /** Share of questions that come first, and of first steps told before the start, with full variety. */
    private static final double ANNOUNCED = 0.12;

    private static final double TOLD_BACKWARDS = 0.15;
    private static final int LARGEST_FACTOR = 9;
    /** One of a thing would need another wording. */
    private static final int SMALLEST = 2;

    /** The largest quantity, as a multiple of the largest number in a text. */
    private static final int LARGEST = 12;

    private final StoryBook book = StoryBook.instance();
    private final WordProblemOptions options;
    private final SplittableRandom random;
    private final Zipf zipf;
    private final Scene scene;
    private final List<Story.Operand> quantities = new ArrayList<>();
    private final List<Story.Step> steps = new ArrayList<>();
    private final Map<String, Integer> names = new HashMap<>();
    private Holding holding = Holding.START;
    private boolean comparable;

    private StoryTeller(WordProblemOptions options, SplittableRandom random) {
        this.options = options;
        this.random = random;
        this.zipf = new Zipf(2 * (1 - options.variety()), random);
        this.scene = new Scene(book, random, zipf);
    }

    /** A story; tellings that lead nowhere (no number fits, nothing can follow) are given up and begun anew. */
    static Story tell(WordProblemOptions options, SplittableRandom random) {
        int length = random.nextInt(options.stepsMin(), options.stepsMax() + 1);
        Story story = null;
        while (story == null) {
            story = new StoryTeller(options, random).attempt(length);
        }
        return story;
    }

    private @Nullable Story attempt(int length) {
        if (random.nextInt(3) > 0) {
            open();
        }
        String question = "";
        for (int i = 0; i < length; i++) {
            boolean last = i + 1 == length;
            Move move = draw(last);
            String closing = move == null ? null : take(move, last);
            if (closing == null) {
                return null;
            }
            question = closing;
        }
        return finish(question);
    }

    private void open() {
        holding = List.of(Holding.COUNT, Holding.COUNT, Holding.BOXES, Holding.MONEY)
                .get(random.nextInt(4));
        if (holding == Holding.BOXES) {
            scene.turnToBoxes();
        }
        int start = number();
        quantities.add(new Story.Operand("start", start));
        scene.say(pick(holding == Holding.MONEY ? "start money" : "start count"), start);
    }

    private int number() {
        return random.nextInt(2, options.maxNumber() + 1);
    }

    /** A move that fits; the more tellings it has, the likelier. */
    private @Nullable Move draw(boolean last) {
        List<Move> fitting = book.moves().stream()
                .filter(move -> move.effect().from().contains(holding))
                .filter(move -> last || !move.sentences().isEmpty())
                .filter(move -> move.effect().amount() != Amount.EARLIER || comparable)
                .filter(move -> !scene.both() || !compares(move.effect()))
                .toList();
        double left = random.nextDouble()
                * fitting.stream()
                        .mapToDouble(move -> zipf.weight(tellings(move, last)))
                        .sum();
        for (Move move : fitting) {
            left -= zipf.weight(tellings(move, last));
            if (left < 0) {
                return move;
            }
        }
        return null;
    }

    private static int tellings(Move move, boolean last) {
        return move.sentences().size() + (last ? move.closings().size() : 0);
    }

    /** @return the question if the move asks its own, blank if not, {@code null} if the numbers do not fit */
    private @Nullable String take(Move move, boolean last) {
        if (holding == Holding.START) {
            quantities.add(new Story.Operand("start", number()));
        }
        Story.Operand before = quantities.getLast();
        Story.Operand amount = amount(move.effect().amount(), move.effect().operator(), before.value());
        if (amount == null) {
            return null;
        }
        boolean swapped = move.effect().amount() == Amount.BILL
                || (move.effect().amount() == Amount.EARLIER && amount.value() >= before.value());
        Story.Operand left = swapped ? amount : before;
        Story.Operand right = swapped ? before : amount;
        char operator = move.effect().operator() == '~' ? '-' : move.effect().operator();
        int value = Story.apply(left.value(), operator, right.value());
        if (value < SMALLEST || value > LARGEST * options.maxNumber()) {
            return null;
        }
        String question = tell(move, last, before.value(), amount.value());
        turn(move.effect());
        String variable = last ? "result" : unused(move.variable());
        quantities.add(new Story.Operand(variable, value));
        String sum = left.value() + " " + operator + " " + right.value() + " = " + value;
        steps.add(new Story.Step(
                variable, left, operator, right, scene.plain(move.says()).replace("{sum}", sum)));
        return question;
    }

    private Story.@Nullable Operand amount(Amount kind, char operator, int before) {
        return switch (kind) {
            case FREE -> {
                int most = operator == '-' ? Math.min(options.maxNumber(), before - 1) : options.maxNumber();
                yield most < 2 ? null : new Story.Operand("", random.nextInt(2, most + 1));
            }
            case FACTOR -> new Story.Operand("", random.nextInt(2, LARGEST_FACTOR + 1));
            case DIVISOR -> {
                List<Integer> divisors = IntStream.rangeClosed(2, LARGEST_FACTOR)
                        .filter(n -> before % n == 0 && before > n)
                        .boxed()
                        .toList();
                yield divisors.isEmpty() ? null : new Story.Operand("", divisors.get(random.nextInt(divisors.size())));
            }
            case BILL -> new Story.Operand("", before + number());
            case EARLIER -> quantities.get(quantities.size() - 2);
            case TWO -> operator == '/' && before % 2 != 0 ? null : new Story.Operand("", 2);
            case THREE -> new Story.Operand("", 3);
        };
    }

    private String tell(Move move, boolean last, int before, int amount) {
        int choice = zipf.draw(tellings(move, last));
        boolean closes = choice >= move.sentences().size();
        Move.Closing closing =
                closes ? move.closings().get(choice - move.sentences().size()) : null;
        String sentence = closing == null ? move.sentences().get(choice) : closing.sentence();
        if (holding == Holding.START) {
            scene.say(sentence, before, amount);
        } else if (steps.isEmpty() && tellsBackwards(move, sentence)) {
            scene.startOver();
            scene.say(sentence, amount);
            scene.say(pick("before " + (holding == Holding.MONEY ? "money" : "count")), before);
        } else {
            scene.say(sentence, amount);
        }
        return closing == null ? "" : scene.question(closing.question());
    }

    /** Only where the first sentence stands on its own without the second. */
    private boolean tellsBackwards(Move move, String sentence) {
        return move.effect().turn() == Turn.SAME
                && move.effect().amount() == Amount.FREE
                && holding != Holding.COST
                && sentence.contains("{A}")
                && (sentence.contains("{n} {things}") || sentence.contains("${n}"))
                && random.nextDouble() < options.variety() * TOLD_BACKWARDS;
    }

    private void turn(Move.Effect effect) {
        comparable = compares(effect);
        switch (effect.turn()) {
            case SAME -> {}
            case PERSON -> scene.turnToOther();
            case BOTH -> scene.turnToBoth();
            case BOXES -> scene.turnToBoxes();
            case OTHERS -> scene.turnToOthers();
        }
        if (effect.to() != Holding.START) {
            holding = effect.to();
        }
    }

    /** True if two people's quantities are known afterwards. */
    private static boolean compares(Move.Effect effect) {
        return effect.turn() == Turn.PERSON && effect.amount() != Amount.DIVISOR;
    }

    private String unused(String variable) {
        int uses = names.merge(variable, 1, Integer::sum);
        return uses == 1 ? variable : variable + uses;
    }

    private Story finish(String asked) {
        if (random.nextDouble() < options.distractors()) {
            scene.addAside(pick("aside"), number());
        }
        String question = asked;
        List<String> announcements = book.sentences("announce " + holding.name().toLowerCase(Locale.ROOT));
        if (question.isEmpty() && !announcements.isEmpty() && random.nextDouble() < options.variety() * ANNOUNCED) {
            scene.announce(announcements.get(zipf.draw(announcements.size())));
        } else if (question.isEmpty()) {
            question = scene.question(pick("ask " + holding.name().toLowerCase(Locale.ROOT)));
        }
        return scene.story(question, quantities.getFirst().value(), steps);
    }

    private String pick(String section) {
        List<String> sentences = book.sentences(section);
        return sentences.get(zipf.draw(sentences.size()));
    }
}
