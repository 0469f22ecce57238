package org.reft4j.task.math;

import java.util.List;
import java.util.Map;
import org.reft4j.task.math.MathAnswer.Quantity;

/** Compares numbers and expressions, with their units and percent signs. */
final class QuantityComparison {
    private final MathEquality.Options options;

    QuantityComparison(MathEquality.Options options) {
        this.options = options;
    }

    boolean equal(Quantity reference, Quantity answer) {
        Quantity wanted = asUnit(reference);
        Quantity given = asUnit(answer);
        if (!reference.expression().variables().isEmpty()
                && !answer.expression().variables().isEmpty()
                && Points.sameFunction(reference.expression(), answer.expression())) {
            return unitsAgree(reference.unit(), answer.unit());
        }
        if (wanted.expression().variables().isEmpty()
                && given.expression().variables().isEmpty()) {
            return unitsAgree(wanted.unit(), given.unit()) && sameNumber(wanted, given);
        }
        return unitsAgree(reference.unit(), answer.unit())
                && Points.sameFunction(reference.expression(), answer.expression());
    }

    /** A number times a letter that may be a unit, {@code 5 m}, as the number with that unit. */
    static Quantity asUnit(Quantity quantity) {
        if (quantity.unit().isEmpty()
                && quantity.expression()
                        instanceof
                        Expression.Operation(char operator, Expression left, Expression.Variable(String name))
                && operator == '*'
                && left.variables().isEmpty()
                && Units.isLetter(name)) {
            return new Quantity(left, Units.canonical(name), quantity.percent());
        }
        return quantity;
    }

    private boolean unitsAgree(String reference, String given) {
        return reference.isEmpty()
                || reference.equals(given)
                || switch (options.units()) {
                    case AGREE -> false;
                    case IF_GIVEN -> given.isEmpty();
                    case IGNORE -> true;
                };
    }

    private boolean sameNumber(Quantity reference, Quantity answer) {
        Real wanted = reference.expression().at(Map.of());
        for (Real given : values(answer, reference.percent())) {
            for (Real target : values(reference, answer.percent())) {
                if (close(target, given)) {
                    return true;
                }
            }
        }
        return options.round()
                && reference.expression() instanceof Expression.Literal(var _, int decimals)
                && decimals > 0
                && rounds(answer.expression().at(Map.of()), wanted, decimals);
    }

    /** Possible values of a number, given whether the other side has a percent sign too. */
    private List<Real> values(Quantity quantity, boolean otherPercent) {
        Real number = quantity.expression().at(Map.of());
        if (!quantity.percent() || otherPercent) {
            return List.of(number);
        }
        Real fraction = number.over(Real.of(Rational.of(100)));
        return switch (options.percent()) {
            case EITHER -> List.of(number, fraction);
            case FRACTION -> List.of(fraction);
            case NUMBER -> List.of(number);
        };
    }

    private boolean close(Real wanted, Real given) {
        if (wanted.exact() != null && given.exact() != null) {
            Rational distance = wanted.exact().minus(given.exact()).abs();
            if (distance.signum() == 0) {
                return true;
            }
            boolean whole = wanted.exact().isWhole() && given.exact().isWhole();
            Rational size = wanted.exact().abs();
            return (!whole && distance.compareTo(size.times(decimal(options.relative()))) <= 0)
                    || distance.compareTo(decimal(options.absolute())) <= 0;
        }
        double a = wanted.approximate();
        double b = given.approximate();
        if (!Double.isFinite(a) || !Double.isFinite(b)) {
            return a == b;
        }
        double distance = Math.abs(a - b);
        return distance <= Math.max(options.relative(), Points.NOISE) * Math.abs(a) || distance <= options.absolute();
    }

    private static Rational decimal(double value) {
        return Rational.ofDecimal(Double.toString(value)).orElse(Rational.ZERO);
    }

    private static boolean rounds(Real given, Real wanted, int decimals) {
        if (wanted.exact() == null) {
            return false;
        }
        Rational value = given.exact();
        if (value == null) {
            value = Rational.ofDecimal(Double.toString(given.approximate())).orElse(null);
        }
        return value != null && value.rounded(Math.min(decimals, 100)).equals(wanted.exact());
    }
}
