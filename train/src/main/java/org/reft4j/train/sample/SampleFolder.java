package org.reft4j.train.sample;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.DurableFiles;

/**
 * A folder of samples that is being written: {@code samples.json} says how they were made, {@code samples.jsonl} has a line for each
 * completion, question after question, the greedy one first. A question counts once all of its lines are there. One writer at a time.
 */
public final class SampleFolder implements AutoCloseable {
    static final String SETTINGS = "samples.json";
    static final String LINES = "samples.jsonl";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Beyond every line, which others must be able to read (Windows locks the bytes themselves). */
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    private final Path file;
    private final FileChannel channel;
    private final int complete;

    private SampleFolder(Path file, FileChannel channel, int complete) {
        this.file = file;
        this.channel = channel;
        this.complete = complete;
    }

    /**
     * Opens for writing: a new folder, or one made with the same settings. What was begun and not finished is cut off, so that questions are
     * asked together as they would have been without the interruption.
     *
     * @throws ConfigException if the folder holds something else, or another process writes to it
     */
    public static SampleFolder open(Path folder, SampleSettings settings) {
        check(folder, settings);
        try {
            if (!Files.exists(folder.resolve(SETTINGS))) {
                Files.createDirectories(folder);
                DurableFiles.write(folder.resolve(SETTINGS), JSON.writeValueAsString(settings.json()) + "\n");
            }
            return lock(folder.resolve(LINES), settings);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
    }

    /**
     * Changes nothing.
     *
     * @throws ConfigException if the folder holds something else than samples made with these settings
     */
    public static void check(Path folder, SampleSettings settings) {
        Optional<SampleSettings> there = SampleReader.settings(folder);
        there.ifPresent(settingsThere -> settingsThere.requireSame(folder, settings));
        if (there.isPresent() || !Files.exists(folder)) {
            return;
        }
        ConfigException.check(Files.isDirectory(folder), "--out", folder, "a folder, not a file");
        try (Stream<Path> entries = Files.list(folder)) {
            // What a killed process was about to name samples.json begins with a dot.
            if (entries.anyMatch(entry -> !entry.getFileName().toString().startsWith("."))) {
                throw new ConfigException(folder + " holds other files and no " + SETTINGS + "; choose another --out");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    /** Questions that were complete when it was opened; writing goes on behind them. */
    public int complete() {
        return complete;
    }

    /** Adds questions, and flushes them to the disk. */
    public void append(List<SampledQuestion> questions) {
        StringBuilder lines = new StringBuilder();
        questions.stream()
                .flatMap(SampledQuestion::all)
                .forEach(sample -> lines.append(sample.json()).append('\n'));
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.UTF_8));
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot close " + file, e);
        }
    }

    private static SampleFolder lock(Path file, SampleSettings settings) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock == null) {
                throw new ConfigException(
                        file + " is being written by another process; wait for it, or choose another --out");
            }
            return new SampleFolder(file, channel, cut(file, channel, settings));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Cuts off questions that were not asked together with all that belong beside them; how many stay. */
    private static int cut(Path file, FileChannel channel, SampleSettings settings) throws IOException {
        List<Long> ends = SampleReader.ends(file, settings.lines());
        boolean all = ends.size() == settings.data().questions();
        int kept = all ? ends.size() : ends.size() - ends.size() % settings.together();
        long size = kept == 0 ? 0 : ends.get(kept - 1);
        channel.truncate(size).position(size);
        return kept;
    }
}
