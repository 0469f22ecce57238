package org.reft4j.server.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;

/** Checks training files before a job learns from them: each row by the rules of its method, each fault with its line. */
public final class TrainingFileCheck {
    private static final int MOST_FAULTS = 10;
    private static final int LONGEST_LINE = 16 << 20;

    private final TrainingMethod method;
    private final List<Fault> faults = new ArrayList<>();
    private @Nullable Set<String> keys;
    private int rows;

    private TrainingFileCheck(TrainingMethod method) {
        this.method = method;
    }

    /**
     * Something wrong with a file.
     *
     * @param line counted from 1; 0 where it is the file as a whole
     */
    public record Fault(int line, String message) {
        @Override
        public String toString() {
            return line == 0 ? message : "line " + line + ": " + message;
        }
    }

    /**
     * The result of a check.
     *
     * @param keys top-level keys that every row has
     * @param faults the first ten, in the order of the lines; none if the file is good
     */
    public record Result(int rows, Set<String> keys, List<Fault> faults) {}

    /** The part that a file plays. */
    public enum Part {
        TRAINING,
        VALIDATION
    }

    /** Checks a file. */
    public static Result check(Path file, TrainingMethod method, Part part) throws IOException {
        TrainingFileCheck check = new TrainingFileCheck(method);
        check.read(file);
        if (check.faults.isEmpty()) {
            check.count(part);
        }
        Set<String> keys = check.keys;
        return new Result(check.rows, keys == null ? Set.of() : Set.copyOf(keys), List.copyOf(check.faults));
    }

    /** The first row of a validation file that its training file has too. */
    public static Optional<Fault> overlap(Path training, Path validation) throws IOException {
        Map<String, Integer> known = new HashMap<>();
        forEachLine(training, (number, line) -> {
            if (!line.isBlank()) {
                known.putIfAbsent(digest(line), number);
            }
            return true;
        });
        List<Fault> found = new ArrayList<>();
        forEachLine(validation, (number, line) -> {
            Integer same = line.isBlank() ? null : known.get(digest(line));
            if (same != null) {
                found.add(new Fault(
                        number,
                        "the row is line " + same + " of the training file too; validation rows must be others"));
            }
            return same == null;
        });
        return found.stream().findFirst();
    }

    private void read(Path file) throws IOException {
        int[] empty = new int[1];
        forEachLine(file, (number, line) -> {
            if (line.isBlank()) {
                empty[0] = empty[0] == 0 ? number : empty[0];
                return true;
            }
            if (empty[0] > 0) {
                faults.add(new Fault(empty[0], "the line is empty; each line is one JSON object"));
                empty[0] = 0;
            }
            row(number, line);
            return faults.size() < MOST_FAULTS;
        });
    }

    private void row(int number, String line) {
        rows++;
        try {
            if (!(Json.STRICT.readTree(line) instanceof ObjectNode row)) {
                faults.add(new Fault(number, "expected a JSON object, such as {\"messages\": […]}"));
                return;
            }
            Set<String> names = new TreeSet<>();
            row.fieldNames().forEachRemaining(names::add);
            Set<String> common = keys;
            if (common == null) {
                keys = names;
            } else {
                common.retainAll(names);
            }
            method.fault(row).ifPresent(fault -> faults.add(new Fault(number, fault)));
        } catch (JsonProcessingException e) {
            String column =
                    e.getLocation() == null ? "" : " (column " + e.getLocation().getColumnNr() + ")";
            faults.add(new Fault(number, "not valid JSON: " + e.getOriginalMessage() + column));
        }
    }

    private void count(Part part) {
        int least = part == Part.TRAINING ? method.least() : 1;
        int most = part == Part.TRAINING ? method.mostTraining() : method.mostValidation();
        if (rows < least) {
            faults.add(new Fault(0, "the file has " + rows + " rows; " + method.word() + " needs at least " + least));
        } else if (rows > most) {
            faults.add(new Fault(0, "the file has " + rows + " rows; " + method.word() + " takes at most " + most));
        }
    }

    /** Takes a line; false ends. */
    @FunctionalInterface
    private interface Lines {
        boolean take(int number, String line);
    }

    private static void forEachLine(Path file, Lines lines) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int number = 1;
            boolean going = true;
            for (int b = in.read(); going && b >= 0; b = in.read()) {
                if (b == '\n') {
                    going = lines.take(number++, text(line));
                    line.reset();
                } else if (line.size() < LONGEST_LINE) {
                    line.write(b); // the rest of a longer line is dropped, and what is left is no JSON
                }
            }
            if (going && line.size() > 0) {
                lines.take(number, text(line));
            }
        }
    }

    /** The line, or where it is not UTF-8 a text that is no JSON and says so. */
    private static String text(ByteArrayOutputStream line) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line.toByteArray()))
                    .toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            return "not-UTF-8";
        }
    }

    private static String digest(String line) {
        try {
            JsonNode row = Json.PLAIN.readTree(line);
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(row.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (JsonProcessingException | NoSuchAlgorithmException e) {
            return line;
        }
    }
}
