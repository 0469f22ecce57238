package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.RolloutLine;

/**
 * Samples of a round of offline self-training, in parts of a few questions each: {@code part-000001.jsonl} and so on, with a line
 * for each completion. A part is there as a whole or not at all, and parts are written in their order, so that sampling that was killed
 * goes on where it was.
 */
public final class SampleParts {
    private final Path folder;

    private SampleParts(Path folder) {
        this.folder = folder;
    }

    /** Opens a folder, or makes it. */
    public static SampleParts open(Path folder) {
        try {
            Files.createDirectories(folder);
            return new SampleParts(folder);
        } catch (IOException e) {
            throw RunException.of("cannot make", folder, e);
        }
    }

    /** The number of parts. */
    public int parts() {
        int parts = 0;
        while (Files.exists(file(parts))) {
            parts++;
        }
        return parts;
    }

    /**
     * Adds a part: writes it under a temporary name, flushes and renames it.
     *
     * @param part its number, from 0
     */
    public void write(int part, List<KeptRollout> samples) {
        StringBuilder lines = new StringBuilder();
        for (KeptRollout sample : samples) {
            lines.append(RolloutLine.ROUND.write(sample)).append('\n');
        }
        try {
            DurableFiles.write(file(part), lines.toString());
        } catch (IOException e) {
            throw RunException.of("cannot write", file(part), e);
        }
    }

    /**
     * Reads the samples that {@link #write} stored.
     *
     * @param count expected number of samples
     * @throws RunException if the file is damaged; the message names the line
     */
    public List<KeptRollout> read(int part, int count) {
        Path file = file(part);
        List<KeptRollout> samples = new ArrayList<>();
        for (JsonNode line : LineFile.read(file)) {
            String place = "line " + (samples.size() + 1);
            samples.add(RolloutLine.read(line)
                    .orElseThrow(() -> damaged(file, place + ": not a completion with all of its fields")));
        }
        if (samples.size() != count) {
            throw damaged(file, samples.size() + " samples instead of " + count);
        }
        return samples;
    }

    private static RunException damaged(Path file, String what) {
        return new RunException(file + ", " + what
                + "; delete the file and those after it, and resume the run: they are sampled again");
    }

    private Path file(int part) {
        return folder.resolve(String.format(Locale.ROOT, "part-%06d.jsonl", part + 1));
    }
}
