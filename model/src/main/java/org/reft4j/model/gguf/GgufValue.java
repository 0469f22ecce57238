package org.reft4j.model.gguf;

import java.util.List;

/** One value of a GGUF file's metadata. */
sealed interface GgufValue {
    /** A whole number of any width; unsigned 64-bit values above the signed range do not occur in practice and are refused. */
    record Whole(long value) implements GgufValue {}

    record Real(double value) implements GgufValue {}

    record Flag(boolean value) implements GgufValue {}

    record Text(String value) implements GgufValue {}

    record Items(List<GgufValue> values) implements GgufValue {}
}
