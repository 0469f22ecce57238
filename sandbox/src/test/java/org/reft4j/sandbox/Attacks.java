package org.reft4j.sandbox;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/**
 * Programs that mean harm, from the files of the folder {@code attacks}: each behind a line {@code #: name | what must happen}.
 *
 * <p>What must happen: {@code raises}; {@code killed}; {@code ends}, one of both; {@code returns} and a text; {@code harmless},
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

    /** Those that exhaust a stack or the memory, which costs a worker each. */
    static final List<String> EXHAUSTING = List.of("recursion", "allocation");

    private static final String HEAD = "#: ";

    private Attacks() {}

    record Attack(String family, String name, String must, String program) {
        /** Whether what must happen did. */
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

        private Attack in(String guise, String mustThen, String lines) {
            return new Attack(family, name + ", " + guise, mustThen, program + "\n" + lines);
        }

        @Override
        public String toString() {
            return family + ": " + name;
        }
    }

    static List<Attack> all() {
        return FAMILIES.stream().flatMap(family -> read(family).stream()).toList();
    }

    /**
     * Programs of the families that exhaust a stack or the memory, each as it is and in every guise: calling the program from deep down,
     * from within a built-in function behind imports, or hiding how it ended moves the place where stack or memory end.
     *
     * @param random where the deep ones begin
     */
    static List<Attack> exhausting(Random random) {
        List<Attack> attacks = new ArrayList<>();
        for (String family : EXHAUSTING) {
            for (Attack attack : read(family)) {
                String ends = attack.must().equals("raises") ? "ends" : attack.must();
                attacks.add(attack);
                attacks.add(attack.in("hidden", "harmless", """
                        def solution(inner=solution):
                            try: return inner()
                            except BaseException: return 'hidden'
                        """));
                attacks.add(attack.in("behind a sort", ends, """
                        def solution(inner=solution):
                            import datetime, decimal, fractions, json, re
                            return sorted([0, 1], key=lambda x: inner())
                        """));
                attacks.add(attack.in("deep down", ends, """
                        def solution(inner=solution):
                            down = lambda down, n: down(down, n - 1) if n else inner()
                            return down(down, %d)
                        """.formatted(random.nextInt(10, 900))));
            }
        }
        return attacks;
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
