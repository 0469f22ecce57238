package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.UnsupportedModelException;

/** Says how many reference cases of each kind there are, so that a green build cannot mean that none was run. */
class GoldenInventoryTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** The kinds that golden tests of some module replay. */
    private static final List<String> KNOWN =
            List.of("models", "reft", "grading/answers", "grading/similarity", "smollm2", "gguf", "lora", "chat");

    @Test
    void everyKnownKindHasCases() {
        Path folder = GoldenFolder.find();
        Inventory inventory = Inventory.of(folder);
        System.out.println("golden values in " + folder + ": " + inventory.words());
        inventory.check();
    }

    @Test
    void aFolderWithoutCasesIsSeen(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("models"));
        assertThrows(AssertionError.class, () -> Inventory.of(folder).check());
    }

    @Test
    void anEmptyFolderIsSeen(@TempDir Path folder) {
        assertThrows(AssertionError.class, () -> Inventory.of(folder).check());
    }

    @Test
    void unknownKindsAreNamed(@TempDir Path folder) throws IOException {
        Files.createDirectories(folder.resolve("dances/tango"));
        Files.createDirectories(folder.resolve("models/odd"));
        Files.writeString(folder.resolve("models/odd/config.json"), "{\"architectures\": [\"OddForCausalLM\"]}");
        Files.writeString(folder.resolve("models/odd/golden.safetensors"), "");
        Inventory inventory = Inventory.of(folder);
        assertEquals(Map.of("models", 1), inventory.known());
        assertEquals(Map.of("dances", 1), inventory.unknown());
        assertEquals(List.of("OddForCausalLM"), inventory.unknownArchitectures());
    }

    /**
     * Contents of a folder of golden values.
     *
     * @param known number of cases of the kinds that are tested, even if this build cannot load their model
     * @param unknown number of cases of other kinds
     * @param unknownArchitectures architectures of models that this build cannot load, sorted
     */
    private record Inventory(
            Map<String, Integer> known, Map<String, Integer> unknown, List<String> unknownArchitectures) {

        static Inventory of(Path folder) {
            Map<String, Integer> kinds = new LinkedHashMap<>();
            for (Path entry : entries(folder)) {
                String kind = entry.getFileName().toString();
                if (!Files.isDirectory(entry) || kind.equals("make")) {
                    continue;
                }
                switch (kind) {
                    case "models" -> kinds.put(kind, models(entry).size());
                    case "grading" ->
                        entries(entry)
                                .forEach(file -> kinds.merge(gradingKind(read(file)), size(read(file)), Integer::sum));
                    case "reft" -> kinds.put(kind, ending(entry, ".json"));
                    case "smollm2" -> kinds.put(kind, ending(entry, "golden.json"));
                    case "gguf" -> kinds.put(kind, ending(entry, ".gguf"));
                    case "chat" ->
                        kinds.put(kind, entries(entry.resolve("templates")).size());
                    default -> kinds.put(kind, entries(entry).size());
                }
            }
            Map<String, Integer> known = new LinkedHashMap<>(kinds);
            known.keySet().retainAll(KNOWN);
            kinds.keySet().removeAll(KNOWN);
            return new Inventory(known, kinds, unknownArchitectures(models(folder.resolve("models"))));
        }

        void check() {
            known.forEach((kind, cases) -> assertFalse(cases == 0, "no case of " + kind));
            assertFalse(known.isEmpty(), "no kind of golden values that is known");
        }

        String words() {
            String words = known + " are replayed";
            words += unknown.isEmpty() ? "" : "; kinds not known yet: " + unknown;
            return unknownArchitectures.isEmpty()
                    ? words
                    : words + "; model architectures not known yet: " + unknownArchitectures;
        }

        private static List<Path> models(Path folder) {
            return entries(folder).stream()
                    .filter(model -> Files.exists(model.resolve("golden.safetensors")))
                    .toList();
        }

        private static List<String> unknownArchitectures(List<Path> models) {
            TreeSet<String> unknown = new TreeSet<>();
            for (Path model : models) {
                Path file = model.resolve("config.json");
                if (read(file) instanceof ObjectNode json) {
                    ModelConfig config = new ModelConfig(json, file.toString());
                    try {
                        ModelFamilies.of(config);
                    } catch (UnsupportedModelException e) {
                        unknown.add(config.architecture());
                    }
                }
            }
            return new ArrayList<>(unknown);
        }

        private static int ending(Path folder, String end) {
            return (int) entries(folder).stream()
                    .filter(file -> file.toString().endsWith(end))
                    .count();
        }

        /** Graded completions are an array; text similarities come with their conventions. */
        private static String gradingKind(JsonNode json) {
            return json.isArray() ? "grading/answers" : "grading/similarity";
        }

        private static int size(JsonNode json) {
            return json.isArray() ? json.size() : json.path("cases").size();
        }

        private static JsonNode read(Path file) {
            try {
                return JSON.readTree(file.toFile());
            } catch (IOException e) {
                throw new UncheckedIOException("cannot read " + file, e);
            }
        }

        private static List<Path> entries(Path folder) {
            if (!Files.isDirectory(folder)) {
                return List.of();
            }
            try (Stream<Path> entries = Files.list(folder)) {
                return entries.sorted().toList();
            } catch (IOException e) {
                throw new UncheckedIOException("cannot list " + folder, e);
            }
        }
    }
}
