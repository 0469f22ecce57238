package org.reft4j.verify.planted.unmarked;

/** Lies in a package without {@code @NullMarked}. */
final class Unmarked {}
