package org.reft4j.verify.planted.task;

/** Writes where a command writes. */
final class Printer {
    @SuppressWarnings("SystemOut")
    void tell(String text) {
        System.out.println(text);
    }
}
