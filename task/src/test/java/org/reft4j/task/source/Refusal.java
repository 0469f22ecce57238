package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.function.Executable;
import org.reft4j.task.dataset.DataException;

/** Message that a user reads when data are refused. */
public final class Refusal {
    private Refusal() {}

    public static String of(Executable action) {
        return String.valueOf(assertThrows(DataException.class, action).getMessage());
    }
}
