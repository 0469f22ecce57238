package org.reft4j.task.math;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;

/**
 * An exact fraction in lowest terms.
 *
 * @param numerator any
 * @param denominator at least 1
 */
public record Rational(BigInteger numerator, BigInteger denominator) implements Comparable<Rational> {
    public static final Rational ZERO = of(0);
    public static final Rational ONE = of(1);

    /** A decimal exponent beyond this is no number that a text means; as a fraction it would fill memory. */
    private static final int MAX_EXPONENT = 400;

    public Rational {
        if (denominator.signum() == 0) {
            throw new ArithmeticException("division by zero");
        }
        BigInteger divisor = numerator.gcd(denominator);
        if (denominator.signum() < 0) {
            divisor = divisor.negate();
        }
        numerator = numerator.divide(divisor);
        denominator = denominator.divide(divisor);
    }

    public static Rational of(long value) {
        return new Rational(BigInteger.valueOf(value), BigInteger.ONE);
    }

    public static Rational of(long numerator, long denominator) {
        return new Rational(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
    }

    /** The exact value of a decimal such as {@code 12.50} or {@code 1e5}; empty if it is none or out of all proportion. */
    public static Optional<Rational> ofDecimal(String text) {
        try {
            BigDecimal value = new BigDecimal(text);
            if (Math.abs((long) value.scale()) + value.precision() > MAX_EXPONENT + (long) text.length()) {
                return Optional.empty();
            }
            return Optional.of(
                    value.scale() <= 0
                            ? new Rational(value.toBigIntegerExact(), BigInteger.ONE)
                            : new Rational(value.unscaledValue(), BigInteger.TEN.pow(value.scale())));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    public Rational plus(Rational other) {
        return new Rational(
                numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                denominator.multiply(other.denominator));
    }

    public Rational minus(Rational other) {
        return plus(other.negate());
    }

    public Rational times(Rational other) {
        return new Rational(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    /** @throws ArithmeticException if {@code other} is 0 */
    public Rational over(Rational other) {
        return new Rational(numerator.multiply(other.denominator), denominator.multiply(other.numerator));
    }

    /** @throws ArithmeticException if this is 0 and the exponent negative */
    public Rational power(int exponent) {
        return exponent >= 0
                ? new Rational(numerator.pow(exponent), denominator.pow(exponent))
                : ONE.over(power(-exponent));
    }

    public Rational negate() {
        return new Rational(numerator.negate(), denominator);
    }

    public Rational abs() {
        return new Rational(numerator.abs(), denominator);
    }

    public int signum() {
        return numerator.signum();
    }

    public boolean isWhole() {
        return denominator.equals(BigInteger.ONE);
    }

    /** Rounded to so many decimals, halves away from zero. */
    public Rational rounded(int decimals) {
        BigInteger shift = BigInteger.TEN.pow(decimals);
        BigDecimal scaled =
                new BigDecimal(numerator.multiply(shift)).divide(new BigDecimal(denominator), 0, RoundingMode.HALF_UP);
        return new Rational(scaled.toBigIntegerExact(), shift);
    }

    /** The bits that it takes. */
    int bits() {
        return numerator.bitLength() + denominator.bitLength();
    }

    public double doubleValue() {
        return new BigDecimal(numerator)
                .divide(new BigDecimal(denominator), MathContext.DECIMAL64)
                .doubleValue();
    }

    @Override
    public int compareTo(Rational other) {
        return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
    }

    /** Writes a whole number or a fraction, such as {@code 7} or {@code 3/4}. */
    @Override
    public String toString() {
        return isWhole() ? numerator.toString() : numerator + "/" + denominator;
    }
}
