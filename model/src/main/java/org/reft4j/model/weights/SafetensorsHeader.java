package org.reft4j.model.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.ground.files.Json;

/**
 * Header of a safetensors file: eight bytes of length, then a JSON object with type, shape and place of every tensor.
 * Nothing in it is believed before it is checked against the file.
 *
 * @param tensors in the order of the header
 * @param metadata the texts under {@code __metadata__}
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
    /** Limit of the format's own reader. */
    private static final long LONGEST = 100_000_000;

    /**
     * One tensor.
     *
     * @param begin the first byte, from the start of the file
     * @param end one past the last byte
     */
    record Entry(String name, ElementType type, List<Long> shape, long begin, long end) {
        long[] shapeArray() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    static SafetensorsHeader read(MappedFile file) {
        String path = file.path().toString();
        if (file.size() < 8) {
            throw new FormatException(
                    path + ": " + file.size() + " bytes; expected a safetensors file, which starts with 8 bytes"
                            + " of header length. Copy the file again");
        }
        long length = file.bytes().get(MappedFile.LONG, 0);
        if (length < 2 || length > LONGEST) {
            throw new FormatException(path + ": header length is " + Long.toUnsignedString(length) + "; expected 2 to "
                    + LONGEST + " bytes. This is not a safetensors file, or a damaged one");
        }
        if (length > file.size() - 8) {
            throw new FormatException(path + ": header length is " + length + " but the file ends after "
                    + (file.size() - 8) + " more bytes. The file is cut short: copy it again");
        }
        ObjectNode json = parse(path, file.bytes().asSlice(8, length).toArray(ValueLayout.JAVA_BYTE));
        Map<String, String> metadata = new LinkedHashMap<>();
        Map<String, Entry> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (field.getKey().equals("__metadata__")) {
                metadata(path, field.getValue(), metadata);
            } else {
                tensors.put(field.getKey(), entry(file, 8 + length, field.getKey(), field.getValue()));
            }
        }
        checkPlaces(file, 8 + length, tensors);
        return new SafetensorsHeader(Collections.unmodifiableMap(tensors), Collections.unmodifiableMap(metadata));
    }

    private static ObjectNode parse(String path, byte[] header) {
        try {
            if (Json.STRICT.readTree(header) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw new FormatException(
                    path + ": header is not valid JSON: " + e.getOriginalMessage() + ". The file is damaged", e);
        } catch (IOException e) {
            throw new FormatException(path + ": header cannot be read: " + e.getMessage(), e);
        }
        throw new FormatException(
                path + ": header is not a JSON object. This is not a safetensors file, or a damaged one");
    }

    private static void metadata(String path, JsonNode node, Map<String, String> into) {
        if (!node.isObject()) {
            throw new FormatException(
                    path + ": __metadata__ is " + node.getNodeType() + "; expected an object of texts");
        }
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!field.getValue().isTextual()) {
                throw new FormatException(path + ": __metadata__." + field.getKey() + " is "
                        + field.getValue().getNodeType() + "; expected a text");
            }
            into.put(field.getKey(), field.getValue().asText());
        }
    }

    private static Entry entry(MappedFile file, long dataStart, String name, JsonNode node) {
        String where = file.path() + ": tensor " + name;
        String typeName = node.path("dtype").asText();
        ElementType type = ElementType.named(typeName)
                .orElseThrow(() -> new FormatException(where + ": dtype is \"" + typeName + "\"; expected one of "
                        + ElementType.known() + ". Convert the model to float32, float16 or bfloat16"));
        List<Long> shape = wholeNumbers(where, "shape", node.path("shape"));
        List<Long> offsets = wholeNumbers(where, "data_offsets", node.path("data_offsets"));
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
            throw new FormatException(where + ": data_offsets are " + offsets + "; expected [begin, end]");
        }
        long dataLength = file.size() - dataStart;
        if (offsets.get(1) > dataLength) {
            throw new FormatException(where + ": data_offsets are " + offsets + " but the file holds " + dataLength
                    + " bytes of data. The file is cut short or damaged: copy it again");
        }
        long expected = bytes(where, shape, type);
        long found = offsets.get(1) - offsets.get(0);
        if (expected != found) {
            throw new FormatException(where + ": shape " + shape + " of " + type + " takes " + expected
                    + " bytes but data_offsets span " + found + ". The file is damaged");
        }
        return new Entry(name, type, List.copyOf(shape), dataStart + offsets.get(0), dataStart + offsets.get(1));
    }

    private static long bytes(String where, List<Long> shape, ElementType type) {
        try {
            long bytes = type.bytes();
            for (long size : shape) {
                bytes = Math.multiplyExact(bytes, size);
            }
            return bytes;
        } catch (ArithmeticException e) {
            throw new FormatException(where + ": shape " + shape + " is too large. The file is damaged", e);
        }
    }

    private static List<Long> wholeNumbers(String where, String key, JsonNode node) {
        if (!node.isArray()) {
            throw new FormatException(where + ": \"" + key + "\" is " + (node.isMissingNode() ? "missing" : node)
                    + "; expected a list of whole numbers");
        }
        List<Long> numbers = new ArrayList<>();
        for (JsonNode number : node) {
            if (!number.isIntegralNumber() || !number.canConvertToLong() || number.asLong() < 0) {
                throw new FormatException(
                        where + ": \"" + key + "\" holds " + number + "; expected whole numbers from 0");
            }
            numbers.add(number.asLong());
        }
        return numbers;
    }

    private static void checkPlaces(MappedFile file, long dataStart, Map<String, Entry> tensors) {
        List<Entry> byPlace = new ArrayList<>(tensors.values());
        byPlace.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long last = dataStart;
        String before = "";
        for (Entry entry : byPlace) {
            if (entry.begin() < last && entry.begin() < entry.end()) {
                throw new FormatException(file.path() + ": tensors " + before + " and " + entry.name()
                        + " overlap at byte " + entry.begin() + ". The file is damaged");
            }
            last = Math.max(last, entry.end());
            before = entry.name();
        }
        if (last != file.size()) {
            throw new FormatException(
                    file.path() + ": " + (file.size() - last) + " bytes follow the last tensor, which ends at byte "
                            + last + ". The file is damaged: copy it again");
        }
    }
}
