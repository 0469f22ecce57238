package org.reft4j.train.run;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.reft4j.ground.files.DurableFiles;

/**
 * An event file that TensorBoard opens: TFRecord frames (length, masked CRC32C of the length, bytes, masked CRC32C of the bytes; all
 * little-endian) around {@code tensorflow.Event} messages.
 *
 * <p>Source: TensorFlow's {@code event.proto}, {@code summary.proto} and {@code record_writer.cc}.
 */
final class TensorBoardFile implements AutoCloseable {
    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;
    private static final int CRC_MASK = 0xa282ead8;

    private final Path file;
    private final FileChannel channel;

    private TensorBoardFile(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Starts a new file that takes the place of all in {@code folder}.
     *
     * @param history writes what is known already
     */
    static TensorBoardFile replace(Path folder, Instant now, Consumer<TensorBoardFile> history) {
        try {
            Files.createDirectories(folder);
            DurableFiles.clearLeftovers(folder);
            Path temporary = DurableFiles.beside(folder.resolve("history"));
            try (TensorBoardFile past = open(temporary)) {
                past.record(event(seconds(now), 0, out -> out.writeString(EVENT_FILE_VERSION, "brain.Event:2")));
                history.accept(past);
            }
            Path file = folder.resolve("events.out.tfevents." + now.getEpochSecond() + ".reft4j");
            DurableFiles.rename(temporary, file);
            try (DirectoryStream<Path> others = Files.newDirectoryStream(folder, "events.out.tfevents.*")) {
                for (Path other : others) {
                    if (!other.equals(file)) {
                        Files.delete(other);
                    }
                }
            }
            return open(file);
        } catch (IOException e) {
            throw RunException.of("cannot write", folder, e);
        }
    }

    /** Adds one event with all of {@code values} by tag; what is NaN was not measured and is left out. */
    void scalars(int step, Instant wall, Map<String, Double> values) {
        if (values.isEmpty()) {
            return;
        }
        try {
            byte[] summary = message(out -> {
                for (Map.Entry<String, Double> value : new TreeMap<>(values).entrySet()) {
                    if (!value.getValue().isNaN()) {
                        out.writeByteArray(SUMMARY_VALUE, message(inner -> {
                            inner.writeString(VALUE_TAG, value.getKey());
                            inner.writeFloat(VALUE_SIMPLE, value.getValue().floatValue());
                        }));
                    }
                }
            });
            record(event(seconds(wall), step, out -> out.writeByteArray(EVENT_SUMMARY, summary)));
        } catch (IOException e) {
            throw RunException.of("cannot write", file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw RunException.of("cannot close", file, e);
        }
    }

    private static TensorBoardFile open(Path file) throws IOException {
        return new TensorBoardFile(file, FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    /** One frame in one write, so that a reader never waits for the rest of it. */
    private void record(byte[] event) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + event.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        frame.putLong(event.length);
        frame.putInt(maskedCrc(frame.array(), 0, Long.BYTES));
        frame.put(event);
        frame.putInt(maskedCrc(event, 0, event.length));
        frame.flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /** The check sum of a frame's part, rotated and shifted so that a sum of data that holds sums stays strong. */
    static int maskedCrc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return Integer.rotateRight((int) crc.getValue(), 15) + CRC_MASK;
    }

    private static byte[] event(double wall, int step, Fields what) throws IOException {
        return message(out -> {
            out.writeDouble(EVENT_WALL_TIME, wall);
            out.writeInt64(EVENT_STEP, step);
            what.write(out);
        });
    }

    private static double seconds(Instant instant) {
        return instant.toEpochMilli() / 1000.0;
    }

    private static byte[] message(Fields fields) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        fields.write(out);
        out.flush();
        return bytes.toByteArray();
    }

    /** Writes the fields of one message. */
    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }
}
