package org.reft4j.train.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.reft4j.ground.files.DurableFiles;

/**
 * What a model wrote before anything is trained on it, in parts of a few questions each: {@code part-000001.jsonl} and so on, with a line
 * for each completion. A part is there as a whole or not at all, and parts are written in their order, so that sampling that was killed
 * goes on where it was.
 */
public final class StoredSamples {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .build();

    private final Path folder;

    private StoredSamples(Path folder) {
        this.folder = folder;
    }

    /** Opens a folder, or makes it. */
    public static StoredSamples open(Path folder) {
        try {
            Files.createDirectories(folder);
            return new StoredSamples(folder);
        } catch (IOException e) {
            throw RunException.of("cannot make", folder, e);
        }
    }

    /** How many parts there are. */
    public int parts() {
        int parts = 0;
        while (Files.exists(file(parts))) {
            parts++;
        }
        return parts;
    }

    /**
     * Adds a part: written beside, flushed, renamed.
     *
     * @param part its number, from 0
     */
    public void write(int part, List<RolloutRecord> samples) {
        StringBuilder lines = new StringBuilder();
        try {
            for (RolloutRecord sample : samples) {
                lines.append(JSON.writeValueAsString(sample)).append('\n');
            }
            DurableFiles.write(file(part), lines.toString());
        } catch (IOException e) {
            throw RunException.of("cannot write", file(part), e);
        }
    }

    /**
     * What {@link #write} was given.
     *
     * @param count how many samples there must be
     * @throws RunException if the file is damaged; the message names the line
     */
    public List<RolloutRecord> read(int part, int count) {
        Path file = file(part);
        List<RolloutRecord> samples = new ArrayList<>();
        for (JsonNode line : LineFile.read(file)) {
            try {
                // Earlier versions did not say it, and learned from what was paid exactly 1.
                if (!line.has("right") && line instanceof ObjectNode sample) {
                    sample.put("right", sample.path("reward").doubleValue() == 1);
                }
                samples.add(JSON.treeToValue(line, RolloutRecord.class));
            } catch (JsonProcessingException e) {
                throw damaged(file, "line " + (samples.size() + 1) + ": " + e.getOriginalMessage(), e);
            }
        }
        if (samples.size() != count) {
            String found = samples.size() + " samples instead of " + count;
            throw damaged(file, found, new IOException(found));
        }
        return samples;
    }

    private static RunException damaged(Path file, String what, IOException cause) {
        return new RunException(
                file + ", " + what
                        + "; delete the file and those after it, and go on with --resume: they are sampled again",
                cause);
    }

    private Path file(int part) {
        return folder.resolve(String.format(Locale.ROOT, "part-%06d.jsonl", part + 1));
    }
}
