package org.reft4j.task.math;

import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A real number: exact as long as it is a fraction of sane length, approximate after roots and functions, undefined (NaN) where there
 * is none.
 *
 * @param exact the fraction, or {@code null}
 * @param approximate the same as a double
 */
record Real(@Nullable Rational exact, double approximate) {
    static final Real UNDEFINED = approximately(Double.NaN);

    /** Longer fractions go on as doubles. */
    private static final int MAX_BITS = 4096;

    private static final int MAX_EXPONENT = 1000;

    static Real of(Rational exact) {
        return exact.bits() > MAX_BITS ? approximately(exact.doubleValue()) : new Real(exact, exact.doubleValue());
    }

    static Real approximately(double value) {
        return new Real(null, value);
    }

    boolean isDefined() {
        return !Double.isNaN(approximate);
    }

    Real plus(Real other) {
        return exact != null && other.exact != null
                ? of(exact.plus(other.exact))
                : computed(approximate + other.approximate, other);
    }

    Real minus(Real other) {
        return plus(other.negate());
    }

    Real times(Real other) {
        return exact != null && other.exact != null
                ? of(exact.times(other.exact))
                : computed(approximate * other.approximate, other);
    }

    Real over(Real other) {
        if (other.approximate == 0) {
            return UNDEFINED;
        }
        return exact != null && other.exact != null && other.exact.signum() != 0
                ? of(exact.over(other.exact))
                : computed(approximate / other.approximate, other);
    }

    Real negate() {
        return exact != null ? of(exact.negate()) : approximately(-approximate);
    }

    Real power(Real exponent) {
        Rational power = exponent.exact;
        if (exact != null && power != null && power.isWhole()) {
            int sign = power.signum();
            if (exact.signum() == 0) {
                return sign < 0 ? UNDEFINED : of(sign == 0 ? Rational.ONE : Rational.ZERO);
            }
            double size = power.abs().doubleValue();
            if (size <= MAX_EXPONENT && size * exact.bits() <= 2 * MAX_BITS) {
                return of(exact.power(power.numerator().intValueExact()));
            }
        }
        return root(exponent).isDefined()
                ? root(exponent)
                : computed(Math.pow(approximate, exponent.approximate), exponent);
    }

    /** An odd root of a negative number, which {@link Math#pow} has none for; undefined for everything else. */
    private Real root(Real exponent) {
        Rational power = exponent.exact;
        boolean odd = power != null && !power.isWhole() && power.denominator().testBit(0);
        if (power == null || !odd || approximate >= 0) {
            return UNDEFINED;
        }
        double size = Math.pow(-approximate, exponent.approximate);
        return approximately(power.numerator().testBit(0) ? -size : size);
    }

    /** A function of the double. */
    Real map(DoubleUnaryOperator function) {
        return computed(function.applyAsDouble(approximate), this);
    }

    /** A result too large for a double is undefined, not infinite: two such results are not equal. */
    private Real computed(double result, Real other) {
        boolean overflown =
                Double.isInfinite(result) && Double.isFinite(approximate) && Double.isFinite(other.approximate);
        return overflown ? UNDEFINED : approximately(result);
    }

    /** Exact for squares of fractions. */
    Real squareRoot() {
        if (exact != null && exact.signum() >= 0) {
            var numerator = exact.numerator().sqrt();
            var denominator = exact.denominator().sqrt();
            if (numerator.multiply(numerator).equals(exact.numerator())
                    && denominator.multiply(denominator).equals(exact.denominator())) {
                return of(new Rational(numerator, denominator));
            }
        }
        return map(Math::sqrt);
    }

    Real logarithm() {
        return map(Math::log);
    }

    Real abs() {
        return exact != null ? of(exact.abs()) : map(Math::abs);
    }

    @Override
    public String toString() {
        return exact != null ? exact.toString() : String.valueOf(approximate);
    }
}
