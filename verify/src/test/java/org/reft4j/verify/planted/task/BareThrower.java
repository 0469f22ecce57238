package org.reft4j.verify.planted.task;

/** Throws what nobody can tell apart from a fault. */
final class BareThrower {
    RuntimeException refusal() {
        return new RuntimeException("no");
    }
}
