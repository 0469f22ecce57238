package org.reft4j.train.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A result in both forms: lines for people, and the same as figures for programs. */
public final class Sheet {
    private final List<String> lines = new ArrayList<>();
    private final ObjectNode figures = Results.object();

    /** Adds a line for people. */
    @FormatMethod
    public void say(@FormatString String format, Object... values) {
        lines.add(String.format(Locale.ROOT, format, values));
    }

    /** The lines so far, in their order; one may have line ends within. */
    public List<String> lines() {
        return List.copyOf(lines);
    }

    /** The figures, to be added to. */
    public ObjectNode figures() {
        return figures;
    }
}
