package org.reft4j.verify.planted.task;

/** Throws an exception that cannot be told apart from a programming error. */
final class BareThrower {
    RuntimeException refusal() {
        return new RuntimeException("no");
    }
}
