package org.reft4j.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Python's arithmetic: whole numbers without bounds, truth values as 0 and 1, division that rounds down. */
final class Numbers {
    private Numbers() {}

    static boolean isInteger(Value value) {
        return value instanceof Value.Int || value instanceof Value.Bool;
    }

    static boolean isNumber(Value value) {
        return isInteger(value) || value instanceof Value.Real;
    }

    /** The whole number, or {@code null} if the value is none. */
    static @Nullable BigInteger whole(Value value) {
        return switch (value) {
            case Value.Int number -> number.value();
            case Value.Bool flag -> flag.value() ? BigInteger.ONE : BigInteger.ZERO;
            default -> null;
        };
    }

    /** A whole number, brought into the range of {@code int}: far beyond any length of a text or list. */
    static int clamped(Value value) {
        BigInteger whole = whole(value);
        if (whole == null) {
            throw new TemplateFault("'" + PythonPrint.type(value) + "' object cannot be interpreted as an integer");
        }
        return whole.min(BigInteger.valueOf(Integer.MAX_VALUE))
                .max(BigInteger.valueOf(Integer.MIN_VALUE))
                .intValueExact();
    }

    static double real(Value value) {
        if (value instanceof Value.Real number) {
            return number.value();
        }
        BigInteger whole = whole(value);
        if (whole == null) {
            throw new TemplateFault("must be real number, not " + PythonPrint.type(value));
        }
        double real = whole.doubleValue();
        if (Double.isInfinite(real)) {
            throw new TemplateFault("int too large to convert to float");
        }
        return real;
    }

    static boolean equal(Value a, Value b) {
        return isNumber(a) && isNumber(b) && compare(a, b) == 0;
    }

    /** As {@code Integer.compare}; NaN is less than everything, itself included, so that it equals nothing. */
    static int compare(Value a, Value b) {
        BigInteger x = whole(a);
        BigInteger y = whole(b);
        if (x != null && y != null) {
            return x.compareTo(y);
        }
        double left = x == null ? real(a) : x.doubleValue();
        double right = y == null ? real(b) : y.doubleValue();
        if (Double.isNaN(left) || Double.isNaN(right)) {
            return -1;
        }
        if (Double.isInfinite(left) || Double.isInfinite(right) || (x == null && y == null)) {
            return left < right ? -1 : left > right ? 1 : 0;
        }
        return exact(a).compareTo(exact(b));
    }

    private static BigDecimal exact(Value value) {
        BigInteger whole = whole(value);
        return whole == null ? new BigDecimal(real(value)) : new BigDecimal(whole);
    }

    static int hash(Value value) {
        BigInteger whole = whole(value);
        return Double.hashCode((whole == null ? real(value) : whole.doubleValue()) + 0.0);
    }

    /** A result, unless it is longer than any that can be printed. */
    private static Value bounded(BigInteger value) {
        if (value.bitLength() > Budget.LONGEST_NUMBER) {
            throw new TemplateFault("a number of more than " + Budget.LONGEST_NUMBER + " bits");
        }
        return new Value.Int(value);
    }

    static Value add(Value a, Value b) {
        BigInteger x = whole(a);
        BigInteger y = whole(b);
        return x != null && y != null ? bounded(x.add(y)) : new Value.Real(real(a) + real(b));
    }

    static Value subtract(Value a, Value b) {
        BigInteger x = whole(a);
        BigInteger y = whole(b);
        return x != null && y != null ? bounded(x.subtract(y)) : new Value.Real(real(a) - real(b));
    }

    static Value multiply(Value a, Value b) {
        BigInteger x = whole(a);
        BigInteger y = whole(b);
        return x != null && y != null ? bounded(x.multiply(y)) : new Value.Real(real(a) * real(b));
    }

    static Value divide(Value a, Value b) {
        if (real(b) == 0) {
            throw new TemplateFault("division by zero");
        }
        return new Value.Real(real(a) / real(b));
    }

    static Value floorDivide(Value a, Value b) {
        BigInteger x = whole(a);
        BigInteger y = whole(b);
        if (real(b) == 0) {
            throw new TemplateFault("integer division or modulo by zero");
        }
        if (x != null && y != null) {
            BigInteger[] parts = x.divideAndRemainder(y);
            boolean down = parts[1].signum() != 0 && parts[1].signum() != y.signum();
            return new Value.Int(down ? parts[0].subtract(BigInteger.ONE) : parts[0]);
        }
        double quotient = (real(a) - floorMod(real(a), real(b))) / real(b);
        return new Value.Real(Math.rint(quotient));
    }

    static Value modulo(Value a, Value b) {
        BigInteger x = whole(a);
        BigInteger y = whole(b);
        if (real(b) == 0) {
            throw new TemplateFault("integer modulo by zero");
        }
        if (x != null && y != null) {
            BigInteger rest = x.mod(y.abs());
            return new Value.Int(y.signum() < 0 && rest.signum() != 0 ? rest.add(y) : rest);
        }
        return new Value.Real(floorMod(real(a), real(b)));
    }

    private static double floorMod(double a, double b) {
        double rest = a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest == 0 ? Math.copySign(0, b) : rest;
    }

    static Value power(Value a, Value b) {
        BigInteger x = whole(a);
        BigInteger y = whole(b);
        if (x != null && y != null && y.signum() >= 0) {
            if (x.abs().compareTo(BigInteger.ONE) <= 0) {
                boolean even = !y.testBit(0);
                return new Value.Int(y.signum() == 0 || (even && x.signum() != 0) ? BigInteger.ONE : x);
            }
            if ((long) (x.abs().bitLength() - 1) * clamped(b) > Budget.LONGEST_NUMBER) {
                throw new TemplateFault("a number of more than " + Budget.LONGEST_NUMBER + " bits");
            }
            return bounded(x.pow(y.intValueExact()));
        }
        double base = real(a);
        if (base == 0 && real(b) < 0) {
            throw new TemplateFault("0.0 cannot be raised to a negative power");
        }
        double result = Math.pow(base, real(b));
        if (Double.isNaN(result) && !Double.isNaN(base)) {
            throw new TemplateFault("a root of a negative number");
        }
        return new Value.Real(result);
    }

    static Value negate(Value value) {
        BigInteger whole = whole(value);
        return whole == null ? new Value.Real(-real(value)) : new Value.Int(whole.negate());
    }
}
