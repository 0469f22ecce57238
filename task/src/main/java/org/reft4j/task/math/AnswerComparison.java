package org.reft4j.task.math;

import java.util.List;
import java.util.Optional;
import org.reft4j.task.math.MathAnswer.Quantity;
import org.reft4j.task.math.MathAnswer.Relation;
import org.reft4j.task.math.MathAnswer.Several;

/** Compares answers that are read. */
final class AnswerComparison {
    private static final int MAX_ITEMS = 50;
    private static final Expression ZERO = new Expression.Literal(Real.of(Rational.ZERO), -1);

    private final QuantityComparison quantities;

    AnswerComparison(MathEquality.Options options) {
        this.quantities = new QuantityComparison(options);
    }

    /** True if the first reading that is of the reference's kind is the reference. */
    boolean isAny(MathAnswer reference, List<MathAnswer> readings) {
        for (MathAnswer reading : readings) {
            if (isOfKind(reference, reading)) {
                return equal(reference, reading);
            }
        }
        return false;
    }

    /** True if there is a reading that is of the reference's kind. */
    static boolean isComparable(MathAnswer reference, List<MathAnswer> readings) {
        return readings.stream().anyMatch(reading -> isOfKind(reference, reading));
    }

    /** Words read as a product of letters with a unit, such as {@code 5 a day}, are no number, but their number may be. */
    private static boolean isOfKind(MathAnswer reference, MathAnswer reading) {
        return !(reference instanceof Quantity wanted)
                || !wanted.expression().variables().isEmpty()
                || !(bare(reading) instanceof Quantity given)
                || given.unit().isEmpty()
                || given.expression().variables().isEmpty();
    }

    private boolean equal(MathAnswer reference, MathAnswer answer) {
        return switch (reference) {
            case Quantity quantity -> bare(answer) instanceof Quantity given && quantities.equal(quantity, given);
            case Several several -> equal(several, answer);
            case Relation relation ->
                switch (answer) {
                    case Relation given -> equal(relation, given);
                    case Quantity given -> relation.sign().equals("=") && quantities.equal(relation.right(), given);
                    case Several _ ->
                        asInterval(relation)
                                .filter(interval -> equal(interval, answer))
                                .isPresent();
                };
        };
    }

    /** Right side of an equation: 3 for {@code x = 3} and for {@code 2 + 1 = 3}. */
    private static MathAnswer bare(MathAnswer answer) {
        if (answer instanceof Relation(Expression left, String sign, Quantity right) && sign.equals("=")) {
            boolean turned = right.expression() instanceof Expression.Variable
                    && left.variables().isEmpty();
            return turned ? new Quantity(left, "", false) : right;
        }
        return answer;
    }

    private boolean equal(Several reference, MathAnswer answer) {
        if (!(answer instanceof Several given)) {
            return answer instanceof Relation relation
                    && asInterval(relation)
                            .filter(interval -> equal(reference, interval))
                            .isPresent();
        }
        if (reference.items().size() > MAX_ITEMS || given.items().size() > MAX_ITEMS) {
            return false;
        }
        if (reference.isOrdered() || given.isOrdered()) {
            return reference.open() == given.open()
                    && reference.close() == given.close()
                    && reference.items().size() == given.items().size()
                    && inOrder(reference.items(), given.items());
        }
        // A list of solutions may stand in braces or not; a union is another thing.
        return (reference.open() == '∪') == (given.open() == '∪')
                && covers(reference.items(), given.items())
                && covers(given.items(), reference.items());
    }

    private boolean inOrder(List<MathAnswer> reference, List<MathAnswer> given) {
        for (int i = 0; i < reference.size(); i++) {
            if (!equal(reference.get(i), given.get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean covers(List<MathAnswer> all, List<MathAnswer> some) {
        return some.stream().allMatch(one -> all.stream().anyMatch(each -> equal(each, one)));
    }

    /** {@code x > 3} as {@code (3, inf)}; empty for what is no interval. */
    private static Optional<Several> asInterval(Relation relation) {
        boolean less = relation.sign().startsWith("<");
        if (!less && !relation.sign().startsWith(">")) {
            return Optional.empty();
        }
        boolean closed = relation.sign().endsWith("=");
        Quantity bound;
        boolean upper;
        if (relation.left() instanceof Expression.Variable) {
            bound = relation.right();
            upper = less;
        } else if (relation.right().expression() instanceof Expression.Variable) {
            bound = new Quantity(relation.left(), "", false);
            upper = !less;
        } else {
            return Optional.empty();
        }
        Expression infinite = new Expression.Literal(
                Real.approximately(upper ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY), -1);
        Quantity open = new Quantity(infinite, "", false);
        return Optional.of(
                upper
                        ? new Several('(', closed ? ']' : ')', List.of(open, bound))
                        : new Several(closed ? '[' : '(', ')', List.of(bound, open)));
    }

    /** Equations and inequalities are the same if their differences are multiples of one another. */
    private boolean equal(Relation reference, Relation given) {
        Optional<Several> interval = asInterval(reference);
        Optional<Several> other = asInterval(given);
        if (interval.isPresent() && other.isPresent()) {
            return equal(interval.get(), other.get());
        }
        boolean turned = direction(reference) != direction(given);
        if (!strictness(reference).equals(strictness(given))) {
            return false;
        }
        Expression first = difference(reference);
        Expression second = turned ? new Expression.Operation('-', ZERO, difference(given)) : difference(given);
        return Points.areMultiples(first, second, direction(reference) != 0);
    }

    private static int direction(Relation relation) {
        return relation.sign().startsWith("<") ? -1 : relation.sign().startsWith(">") ? 1 : 0;
    }

    private static String strictness(Relation relation) {
        return direction(relation) == 0 ? relation.sign() : relation.sign().substring(1);
    }

    private static Expression difference(Relation relation) {
        return new Expression.Operation('-', relation.left(), relation.right().expression());
    }
}
