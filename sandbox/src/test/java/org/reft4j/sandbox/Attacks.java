package org.reft4j.sandbox;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/**
 * Programs that mean harm, from the files of the folder {@code attacks}: each after a line {@code #: name | what must happen}.
 *
 * <p>Outcomes: {@code raises}; {@code killed}; {@code ends}, one of both; {@code returns} and a text; {@code harmless},
 * whatever it is. In no case may a program return a text with {@code escaped} in it.
 */
final class Attacks {
    static final List<String> FAMILIES = List.of(
            "files",
            "environment",
            "network",
            "processes",
            "memory",
            "loops",
            "exits",
            "introspection",
            "protocol",
            "traces",
            "results",
            "recursion",
            "allocation");

    private static final String HEAD = "#: ";

    private Attacks() {}

    record Attack(String family, String name, String must, String program) {
        /** True if the outcome is the expected one. */
        boolean isMetBy(Outcome outcome) {
            boolean raised = outcome instanceof Outcome.Raised;
            boolean killed = outcome instanceof Outcome.Killed;
            if (outcome instanceof Outcome.Returned(String text, var _) && text.contains("escaped")) {
                return false;
            }
            return switch (must) {
                case "raises" -> raised;
                case "killed" -> killed;
                case "ends" -> raised || killed;
                case "harmless" -> true;
                default -> outcome instanceof Outcome.Returned(String text, var _) && must.equals("returns " + text);
            };
        }

        @Override
        public String toString() {
            return family + ": " + name;
        }
    }

    static List<Attack> all() {
        return FAMILIES.stream().flatMap(family -> read(family).stream()).toList();
    }

    /** Honest programs, to stand between the others: each is right when its {@code must} is met. */
    static List<Attack> victims() {
        return read("victims");
    }

    private static List<Attack> read(String family) {
        List<Attack> attacks = new ArrayList<>();
        String[] pieces = ("\n" + text(family)).split("\n" + HEAD, -1);
        for (String piece : List.of(pieces).subList(1, pieces.length)) {
            int end = piece.indexOf('\n');
            String[] head = piece.substring(0, end).split(" \\| ", 2);
            attacks.add(new Attack(family, head[0], head[1], piece.substring(end + 1)));
        }
        return attacks;
    }

    private static String text(String family) {
        try (InputStream in = requireNonNull(Attacks.class.getResourceAsStream("attacks/" + family + ".py"), family)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(family, e);
        }
    }
}
