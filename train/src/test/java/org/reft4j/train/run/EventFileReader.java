package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/** Reads TensorBoard event files by their published format, apart from the code that writes them. */
final class EventFileReader {
    private EventFileReader() {}

    /** One scalar. */
    record Scalar(String tag, long step, double wall, float value) {}

    /** The steps of each tag in the only event file of {@code folder}. */
    static Map<String, List<Integer>> steps(Path folder) throws IOException {
        Map<String, List<Integer>> steps = new TreeMap<>();
        for (Scalar scalar : scalars(folder)) {
            steps.computeIfAbsent(scalar.tag(), _ -> new ArrayList<>()).add((int) scalar.step());
        }
        steps.values().forEach(list -> list.sort(null));
        return steps;
    }

    static List<Scalar> scalars(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(files::add);
        }
        assertEquals(1, files.size(), files.toString());
        List<Scalar> scalars = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(files.getFirst())).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertEquals(crc(length), bytes.getInt(), "check sum of a length");
            byte[] event = new byte
                    [Math.toIntExact(ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong())];
            bytes.get(event);
            assertEquals(crc(event), bytes.getInt(), "check sum of an event");
            event(event, scalars);
        }
        return scalars;
    }

    private static int crc(byte[] bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        int crc = (int) sum.getValue();
        return ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
    }

    private static void event(byte[] bytes, List<Scalar> scalars) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        double wall = 0;
        long step = 0;
        while (!in.isAtEnd()) {
            switch (WireFormat.getTagFieldNumber(in.readTag())) {
                case 1 -> wall = in.readDouble();
                case 2 -> step = in.readInt64();
                case 3 -> assertEquals("brain.Event:2", in.readString());
                case 5 -> {
                    CodedInputStream summary = CodedInputStream.newInstance(in.readByteArray());
                    while (!summary.isAtEnd()) {
                        assertEquals(1, WireFormat.getTagFieldNumber(summary.readTag()));
                        CodedInputStream value = CodedInputStream.newInstance(summary.readByteArray());
                        assertEquals(1, WireFormat.getTagFieldNumber(value.readTag()));
                        String tag = value.readString();
                        assertEquals(2, WireFormat.getTagFieldNumber(value.readTag()));
                        scalars.add(new Scalar(tag, step, wall, value.readFloat()));
                    }
                }
                default -> throw new IOException("unknown field");
            }
        }
    }
}
