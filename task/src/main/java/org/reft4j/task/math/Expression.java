package org.reft4j.task.math;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** An algebraic expression. */
sealed interface Expression {
    /** Its value where the variables have these values; undefined where it has none. */
    Real at(Map<String, Real> point);

    /** Adds the names of its variables. */
    void collect(Set<String> names);

    default Set<String> variables() {
        Set<String> names = new TreeSet<>();
        collect(names);
        return names;
    }

    /**
     * A number as written.
     *
     * @param decimals digits after its point, or -1 without a point
     */
    record Literal(Real value, int decimals) implements Expression {
        @Override
        public Real at(Map<String, Real> point) {
            return value;
        }

        @Override
        public void collect(Set<String> names) {}
    }

    /** An unknown, such as {@code x} or {@code x_1}. */
    record Variable(String name) implements Expression {
        @Override
        public Real at(Map<String, Real> point) {
            return point.getOrDefault(name, Real.UNDEFINED);
        }

        @Override
        public void collect(Set<String> names) {
            names.add(name);
        }
    }

    /** @param operator one of {@code + - * / ^} */
    record Operation(char operator, Expression left, Expression right) implements Expression {
        @Override
        public Real at(Map<String, Real> point) {
            Real a = left.at(point);
            Real b = right.at(point);
            return switch (operator) {
                case '+' -> a.plus(b);
                case '-' -> a.minus(b);
                case '*' -> a.times(b);
                case '/' -> a.over(b);
                default -> a.power(b);
            };
        }

        @Override
        public void collect(Set<String> names) {
            left.collect(names);
            right.collect(names);
        }
    }

    /** A function of one argument. */
    record Call(Function<Real, Real> function, Expression argument) implements Expression {
        @Override
        public Real at(Map<String, Real> point) {
            return function.apply(argument.at(point));
        }

        @Override
        public void collect(Set<String> names) {
            argument.collect(names);
        }
    }
}
