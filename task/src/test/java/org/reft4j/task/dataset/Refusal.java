package org.reft4j.task.dataset;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;

/** Message that a user reads when data are refused. */
final class Refusal {
    private Refusal() {}

    static String of(Executable action) {
        return String.valueOf(assertThrows(DataException.class, action).getMessage());
    }
}
