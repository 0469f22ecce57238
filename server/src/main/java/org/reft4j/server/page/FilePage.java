package org.reft4j.server.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.reft4j.ground.files.Json;
import org.reft4j.server.openai.TrainingFileCheck;
import org.reft4j.server.openai.TrainingMethod;
import org.reft4j.server.store.StoredFile;

/**
 * A file with its first rows and what is wrong in it.
 *
 * @param lines number of lines that were looked at
 * @param more true if it has more than that
 * @param text the beginning of a file that is not for training; empty for one that is
 */
record FilePage(
        String id,
        String name,
        String purpose,
        int lines,
        boolean more,
        String fields,
        List<TrainingFileCheck.Fault> faults,
        List<Row> rows,
        String text) {
    /** A file that is longer is looked at by the job that learns from it. */
    private static final long CHECKED = 64L << 20;

    private static final int BEGINNING = 1 << 18;
    private static final int ROWS = 20;
    private static final int TEXT = 8000;

    /**
     * A row.
     *
     * @param prompt its messages, a line for each
     * @param rest its other fields as JSON
     */
    record Row(int line, String prompt, String rest, JsonNode value) {}

    static FilePage of(StoredFile file, Path bytes) throws IOException {
        String beginning = beginning(bytes);
        if (!file.purpose().equals("fine-tune")) {
            String shown = beginning.substring(0, Math.min(TEXT, beginning.length()));
            return new FilePage(file.id(), file.filename(), file.purpose(), 0, false, "", List.of(), List.of(), shown);
        }
        List<Row> rows = rows(beginning);
        Set<String> fields = new TreeSet<>();
        rows.forEach(row -> row.value().fieldNames().forEachRemaining(fields::add));
        boolean all = file.bytes() <= CHECKED;
        TrainingFileCheck.Result check = all
                ? TrainingFileCheck.check(bytes, method(rows), TrainingFileCheck.Part.TRAINING)
                : new TrainingFileCheck.Result(rows.size(), Set.of(), List.of());
        return new FilePage(
                file.id(),
                file.filename(),
                file.purpose(),
                check.rows(),
                !all,
                String.join(", ", fields),
                check.faults(),
                rows,
                "");
    }

    private static String beginning(Path bytes) throws IOException {
        try (InputStream in = Files.newInputStream(bytes)) {
            return new String(in.readNBytes(BEGINNING), StandardCharsets.UTF_8);
        }
    }

    private static List<Row> rows(String beginning) {
        List<Row> rows = new ArrayList<>();
        int number = 0;
        for (String line : beginning.split("\n", -1)) {
            number++;
            if (rows.size() == ROWS) {
                break;
            }
            try {
                if (Json.PLAIN.readTree(line) instanceof ObjectNode row) {
                    rows.add(row(number, row));
                }
            } catch (JsonProcessingException _) {
                // Said by the check, or cut off with the beginning.
            }
        }
        return rows;
    }

    private static Row row(int number, ObjectNode row) {
        StringBuilder prompt = new StringBuilder();
        JsonNode messages =
                row.has("messages") ? row.path("messages") : row.path("input").path("messages");
        for (JsonNode message : messages) {
            JsonNode content = message.path("content");
            prompt.append(message.path("role").asText())
                    .append(": ")
                    .append(content.isTextual() ? content.asText() : content.toString())
                    .append('\n');
        }
        ObjectNode rest = row.deepCopy();
        rest.remove("messages");
        rest.remove("input");
        return new Row(number, prompt.toString().strip(), rest.isEmpty() ? "" : rest.toPrettyString(), row);
    }

    /** The method that the first row looks made for. */
    private static TrainingMethod method(List<Row> rows) {
        if (rows.isEmpty()) {
            return TrainingMethod.REINFORCEMENT;
        }
        JsonNode first = rows.getFirst().value();
        if (first.has("input")) {
            return TrainingMethod.DPO;
        }
        JsonNode messages = first.path("messages");
        return messages.path(messages.size() - 1).path("role").asText().equals("assistant")
                ? TrainingMethod.SUPERVISED
                : TrainingMethod.REINFORCEMENT;
    }

    /** The same for the form of a new job. */
    JsonNode json() {
        ObjectNode node = Json.PLAIN.createObjectNode().put("name", name).put("lines", lines);
        ArrayNode wrong = node.putArray("faults");
        faults.forEach(fault -> wrong.addObject().put("line", fault.line()).put("message", fault.message()));
        ArrayNode first = node.putArray("rows");
        rows.forEach(row -> first.add(row.value()));
        return node;
    }
}
