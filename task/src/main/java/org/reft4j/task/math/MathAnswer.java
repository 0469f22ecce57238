package org.reft4j.task.math;

import java.util.List;

/** An answer as read. */
sealed interface MathAnswer {
    /**
     * A number or an expression.
     *
     * @param unit in {@link Units}' spelling, or empty
     * @param percent whether a percent sign follows it
     */
    record Quantity(Expression expression, String unit, boolean percent) implements MathAnswer {}

    /**
     * Several answers: an interval, a pair, a list or a set.
     *
     * @param open {@code (}, <code>[</code> or <code>&#123;</code>; {@code ,} for a bare list and {@code ∪} for a union
     * @param close {@code )}, {@code ]} or <code>&#125;</code>; as {@code open} where there are no brackets
     */
    record Several(char open, char close, List<MathAnswer> items) implements MathAnswer {
        public Several {
            items = List.copyOf(items);
        }

        boolean isOrdered() {
            return open == '(' || open == '[';
        }
    }

    /**
     * An equation or inequality.
     *
     * @param sign {@code =}, {@code !=}, {@code <}, {@code <=}, {@code >} or {@code >=}
     */
    record Relation(Expression left, String sign, Quantity right) implements MathAnswer {
        boolean isDefinition() {
            return sign.equals("=") && left instanceof Expression.Variable;
        }
    }
}
