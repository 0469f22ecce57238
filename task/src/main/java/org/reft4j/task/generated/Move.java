package org.reft4j.task.generated;

import java.util.List;
import java.util.Set;

/**
 * One step of arithmetic that a generated story can take, with the ways to tell it.
 *
 * @param variable what a program calls the result
 * @param effect what it does
 * @param says the sentence of a prose rationale, with {@code {sum}} for the arithmetic
 * @param sentences tellings after which the story can go on
 * @param closings tellings that ask their own question and end the story
 */
record Move(String variable, Effect effect, String says, List<String> sentences, List<Closing> closings) {

    /** Thing that the current quantity counts. */
    enum Holding {
        /** Nothing yet. */
        START,
        COUNT,
        /** A count of containers, whose content is not told yet. */
        BOXES,
        MONEY,
        /** A price that is owed, so it may be paid but not spent. */
        COST
    }

    /** Source of the second operand. */
    enum Amount {
        /** A number of the story up to the setting {@code max-number}. */
        FREE,
        /** From 2 to 9. */
        FACTOR,
        /** From 2 to 9, without remainder. */
        DIVISOR,
        /** More than the quantity, which is taken from it. */
        BILL,
        /** The quantity before the current one. */
        EARLIER,
        TWO,
        THREE
    }

    /** Whom and what the story is about afterwards. */
    enum Turn {
        SAME,
        PERSON,
        BOTH,
        BOXES,
        OTHERS
    }

    /**
     * @param from of which quantities the move can start
     * @param to what it makes; {@link Holding#START} if that does not change
     * @param operator {@code + - * /}, or {@code ~} for the difference of two quantities
     */
    record Effect(Set<Holding> from, Holding to, char operator, Amount amount, Turn turn) {}

    /** @param sentence blank where the question says it all */
    record Closing(String sentence, String question) {}
}
