package org.reft4j.task.math;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares expressions by their values at some points, always the same. */
final class Points {
    /** Tolerance: rounding error between two ways to compute the same. */
    static final double NOISE = 1e-9;

    private static final int POINTS = 8;
    private static final int ENOUGH_POINTS = 3;
    private static final int[] PRIMES = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};

    private Points() {}

    /** Tells if two expressions agree at some fixed points. A point where only one of them has a value tells them apart. */
    static boolean sameFunction(Expression first, Expression second) {
        Set<String> names = new TreeSet<>(first.variables());
        names.addAll(second.variables());
        int seen = 0;
        for (int i = 0; i < POINTS; i++) {
            Map<String, Real> point = point(names, i);
            Real a = first.at(point);
            Real b = second.at(point);
            boolean defined = Double.isFinite(a.approximate());
            if (defined != Double.isFinite(b.approximate())) {
                return false;
            }
            if (defined) {
                if (!agree(a, b)) {
                    return false;
                }
                seen++;
            }
        }
        return seen >= ENOUGH_POINTS;
    }

    private static boolean agree(Real a, Real b) {
        boolean exact = a.exact() != null && b.exact() != null;
        return exact
                ? a.equals(b)
                : Math.abs(a.approximate() - b.approximate())
                        <= NOISE * Math.max(1, Math.max(Math.abs(a.approximate()), Math.abs(b.approximate())));
    }

    /** Fractions of primes, of either sign from the fourth point on, none of which a formula is likely to treat as special. */
    private static Map<String, Real> point(Set<String> names, int index) {
        Map<String, Real> point = new HashMap<>();
        List<String> ordered = new ArrayList<>(names);
        for (int i = 0; i < ordered.size(); i++) {
            long above = PRIMES[(3 * i + 5 * index + 4) % PRIMES.length];
            long below = PRIMES[(5 * i + 7 * index + 1) % PRIMES.length];
            boolean negative = index > 3 && (index + i) % 2 == 0;
            long odd = above == below ? above + 6 : above;
            point.put(ordered.get(i), Real.of(Rational.of(negative ? -odd : odd, below)));
        }
        return point;
    }

    /** Tells if one is a multiple of the other, by a constant that is not 0, or a positive one. */
    static boolean areMultiples(Expression first, Expression second, boolean positive) {
        Set<String> names = new TreeSet<>(first.variables());
        names.addAll(second.variables());
        Double factor = null;
        int seen = 0;
        for (int i = 0; i < POINTS; i++) {
            Map<String, Real> point = point(names, i);
            double a = first.at(point).approximate();
            double b = second.at(point).approximate();
            if (!Double.isFinite(a) || !Double.isFinite(b) || b == 0) {
                continue;
            }
            factor = factor == null ? (Double) (a / b) : factor;
            if (Math.abs(a - factor * b) > NOISE * Math.max(1, Math.abs(a))
                    || (positive && factor < 0)
                    || factor == 0) {
                return false;
            }
            seen++;
        }
        return seen >= ENOUGH_POINTS;
    }
}
