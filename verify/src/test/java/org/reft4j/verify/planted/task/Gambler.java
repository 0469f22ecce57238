package org.reft4j.verify.planted.task;

/** Draws what cannot be drawn again. */
final class Gambler {
    double draw() {
        return Math.random();
    }
}
