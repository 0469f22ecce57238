package org.reft4j.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;

public class SafetensorsFileTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"F32", "BF16", "F16"})
    void whatIsWrittenIsRead(DType dtype) {
        float[] values = {0, 1, -2.5f, 0.15625f, 1024, -0.0078125f};
        Path file = folder.resolve("a.safetensors");
        try (var _ = NativeScope.open()) {
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("b", Tensors.floats(Place.HOST, values, 2, 3));
            tensors.put("a", Tensors.longs(Place.HOST, new long[] {7, -1}, 2));
            tensors.put("scalar", Tensors.floats(Place.HOST, new float[] {3}));
            tensors.put("none", Tensors.floats(Place.HOST, new float[] {}, 0, 4));
            Safetensors.write(file, tensors, dtype, Map.of("format", "pt"));
        }
        try (var _ = NativeScope.open();
                SafetensorsFile read = SafetensorsFile.open(file)) {
            assertEquals(List.of("b", "a", "scalar", "none"), List.copyOf(read.names()));
            assertEquals(Map.of("format", "pt"), read.metadata());
            assertEquals(dtype, DType.of(read.read("b")));
            assertEquals(DType.I64, DType.of(read.read("a")));
            assertArrayEquals(values, Tensors.toFloats(read.take("b", DType.F32, 2, 3)));
            assertEquals(DType.BF16, DType.of(read.take("b", DType.BF16, 2, 3)));
            assertArrayEquals(new long[] {7, -1}, Tensors.toLongs(read.take("a", DType.I64, 2)));
            assertArrayEquals(new float[] {3}, Tensors.toFloats(read.take("scalar", DType.F32)));
            assertEquals(Set.of("none"), read.untaken());
        }
    }

    @Test
    void transposedTensorsAreWrittenInRowOrder() {
        Path file = folder.resolve("t.safetensors");
        try (var _ = NativeScope.open()) {
            Tensor transposed = Tensors.floats(Place.HOST, new float[] {1, 2, 3, 4, 5, 6}, 2, 3)
                    .t();
            Safetensors.write(file, Map.of("t", transposed), DType.F32, Map.of());
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, Tensors.toFloats(read.take("t", DType.F32, 3, 2)));
            }
        }
    }

    @Test
    void failedWriteLeavesTheOldFileAndNothingElse() throws IOException {
        Path file = folder.resolve("a.safetensors");
        Files.writeString(file, "old");
        UncheckedIOException failure = assertThrows(
                UncheckedIOException.class,
                () -> Durable.write(file, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[] {1, 2}));
                    throw new IOException("No space left on device");
                }));
        says(failure, file.toString(), "No space left on device", "Check free space");
        assertEquals("old", Files.readString(file));
        assertEquals(List.of(file), files());
    }

    @Test
    void wrongShapeAndWrongNameAreNamed() {
        Path file = folder.resolve("a.safetensors");
        try (var _ = NativeScope.open()) {
            Safetensors.write(file, Map.of("w", Tensors.zeros(Place.HOST, DType.F32, 2, 3)), DType.F32, Map.of());
        }
        try (SafetensorsFile read = SafetensorsFile.open(file)) {
            FormatException shape = assertThrows(
                    FormatException.class, () -> read.take("w", DType.F32, 3, 2).close());
            says(shape, file.toString(), "tensor w", "[3, 2]", "[2, 3]", "config.json");
            FormatException name = assertThrows(
                    FormatException.class, () -> read.take("v", DType.F32, 3, 2).close());
            says(name, file.toString(), "no tensor v", "(w, ...)");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,16]}} | tensor w: data_offsets are [0, 16] but the file holds 8",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | shape [3] of F32 takes 12 bytes but data_offsets span 8",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}} | expected [begin, end]",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}} | expected [begin, end]",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}} | holds -8",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}} | \"shape\" is 2",
                "{\"w\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}} | \"shape\" is missing",
                "{\"w\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}} | dtype is \"F8_E4M3\"",
                "{\"w\":7} | tensor w: dtype is",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}} | is too large",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 4 bytes follow the last tensor",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"v\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | tensors w and v overlap",
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} | Duplicate field",
                "{\"__metadata__\":{\"format\":7}} | __metadata__.format is NUMBER",
                "{\"__metadata__\":[]} | __metadata__ is ARRAY",
                "[1, 2, 3] | not a JSON object",
                "{\"w\": | not valid JSON",
                "{} {} | not valid JSON",
            })
    void lyingHeadersAreRefused(String header, String message) throws IOException {
        Path file = write(header, header.getBytes(StandardCharsets.UTF_8).length, 8);
        refused(file, message);
    }

    @Test
    void impossibleHeaderLengthsAreRefused() throws IOException {
        refused(write("{}", 1000, 0), "header length is 1000 but the file ends after 2");
        refused(write("{}", 200_000_000, 0), "header length is 200000000; expected 2 to 100000000");
        refused(write("{}", -1, 0), "header length is 18446744073709551615");
        Path tiny = folder.resolve("tiny.safetensors");
        Files.write(tiny, new byte[] {1, 2, 3});
        refused(tiny, "3 bytes; expected a safetensors file");
        refused(folder.resolve("absent.safetensors"), "no such file");
    }

    @Test
    void fileCutShortIsRefused() throws IOException {
        Path file = folder.resolve("cut.safetensors");
        try (var _ = NativeScope.open()) {
            Safetensors.write(file, Map.of("w", Tensors.zeros(Place.HOST, DType.F32, 100)), DType.F32, Map.of());
        }
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            refused(file, file.toString());
        }
    }

    @Test
    void goldenFilesOfEveryModelAreRead() throws IOException {
        int files = 0;
        for (Path model : SharedFiles.folders("golden/models")) {
            try (var _ = NativeScope.open();
                    SafetensorsFile golden = SafetensorsFile.open(model.resolve("golden.safetensors"))) {
                assertTrue(golden.read("ids").numel() > 0);
                assertEquals(golden.read("ids").numel(), golden.read("mask").numel());
                files++;
            }
        }
        System.out.println(files + " golden files are read");
        assertTrue(files > 0);
    }

    private Path write(String header, long length, int dataBytes) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        Path file = folder.resolve("x.safetensors");
        Files.write(
                file,
                ByteBuffer.allocate(8 + text.length + dataBytes)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(length)
                        .put(text)
                        .array());
        return file;
    }

    private static void refused(Path file, String message) {
        FormatException failure = assertThrows(
                FormatException.class, () -> SafetensorsFile.open(file).close());
        says(failure, file.toString(), message);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    public static void says(Exception failure, String... parts) {
        String message = String.valueOf(failure.getMessage());
        for (String part : parts) {
            assertTrue(message.contains(part), () -> "\"" + message + "\" does not say \"" + part + "\"");
        }
    }

    /** Its address would be read as if it were the processor's. */
    @Test
    void tensorsElsewhereHaveNoBytes() {
        try (var _ = NativeScope.open()) {
            Tensor elsewhere = Tensors.zeros(Place.on("meta", DType.F32), DType.F32, 2);
            var thrown = assertThrows(IllegalArgumentException.class, () -> NativeBytes.view(elsewhere, 0, 8));
            assertTrue(thrown.toString().contains("does not lie in the processor's memory"), thrown.toString());
            Tensor turned = Tensors.zeros(Place.HOST, DType.F32, 2, 3).t();
            assertThrows(IllegalArgumentException.class, () -> NativeBytes.view(turned, 0, 8));
        }
    }
}
