package org.reft4j.train.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.RolloutLine;
import org.reft4j.train.rollout.SampledQuestion;

/** Reads a folder of samples, while it is being written too. */
public final class SampleReader {
    private SampleReader() {}

    /**
     * The settings with which a folder's samples were made; empty if they are not recorded.
     *
     * @throws ConfigException if their file is damaged
     */
    public static Optional<SampleSettings> settings(Path folder) {
        Path file = folder.resolve(SampleFolder.SETTINGS);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(SampleSettings.of(Json.WHOLE.readTree(file.toFile())));
        } catch (JsonProcessingException e) {
            throw damaged(file.toString(), JsonLines.words(e), e);
        } catch (ConfigException e) {
            throw damaged(file.toString(), String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /**
     * The settings with which a folder's samples were made.
     *
     * @throws ConfigException if they are not recorded, or their file is damaged
     */
    public static SampleSettings settingsOf(Path folder) {
        return settings(folder)
                .orElseThrow(() -> new ConfigException(
                        folder + " has no " + SampleFolder.SETTINGS + "; name a folder that reft sample made"));
    }

    /**
     * The complete questions of a folder, at least one.
     *
     * @throws ConfigException if there is none, if it is no such folder, or if a line is not what it should be
     */
    public static List<SampledQuestion> questions(Path folder) {
        SampleSettings settings = settingsOf(folder);
        Path file = folder.resolve(SampleFolder.LINES);
        List<SampledQuestion> questions;
        try {
            questions = Files.isRegularFile(file) ? questions(file, settings) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        if (questions.isEmpty()) {
            throw new ConfigException(
                    folder + " has no question with all of its samples yet; give reft sample the same command again");
        }
        return questions;
    }

    /**
     * The number of questions of a folder that have all of their samples; 0 if sampling has not begun.
     *
     * @throws ConfigException if the file of their settings is damaged
     */
    public static int complete(Path folder) {
        Path file = folder.resolve(SampleFolder.LINES);
        Optional<SampleSettings> settings = settings(folder);
        if (settings.isEmpty() || !Files.isRegularFile(file)) {
            return 0;
        }
        try {
            return ends(file, settings.get().lines()).size();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    /** The end of each complete question, as an offset in bytes. */
    static List<Long> ends(Path file, int linesEach) throws IOException {
        List<Long> ends = new ArrayList<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
            long at = 0;
            int lines = 0;
            for (int letter = in.read(); letter >= 0; letter = in.read()) {
                at++;
                if (letter == '\n' && ++lines % linesEach == 0) {
                    ends.add(at);
                }
            }
        }
        return ends;
    }

    private static List<SampledQuestion> questions(Path file, SampleSettings settings) throws IOException {
        int linesEach = settings.lines();
        int asked = settings.data().questions();
        int complete = ends(file, linesEach).size();
        if (complete > asked) {
            throw damaged(
                    file + ", line " + (asked * linesEach + 1),
                    "more than the " + asked + " questions that " + SampleFolder.SETTINGS + " says",
                    null);
        }
        Set<String> ids = new HashSet<>();
        List<SampledQuestion> questions = new ArrayList<>(complete);
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (int q = 0; q < complete; q++) {
                List<KeptRollout> samples = new ArrayList<>(linesEach);
                for (int i = 1; i <= linesEach; i++) {
                    String place = file + ", line " + (q * linesEach + i);
                    samples.add(sample(reader.readLine(), place, samples));
                }
                String id = samples.getFirst().questionId();
                if (!ids.add(id)) {
                    throw damaged(
                            file + ", line " + (q * linesEach + 1), "question " + id + " for the second time", null);
                }
                questions.add(new SampledQuestion(samples.getFirst(), samples.subList(1, linesEach)));
            }
        }
        return questions;
    }

    /** @param before the lines of the same question that were read already */
    private static KeptRollout sample(@Nullable String line, String place, List<KeptRollout> before) {
        KeptRollout sample = parsed(String.valueOf(line), place);
        int number = KeptRollout.GREEDY + before.size();
        String question =
                before.isEmpty() ? sample.questionId() : before.getFirst().questionId();
        if (sample.sample() != number || !sample.questionId().equals(question)) {
            throw damaged(
                    place,
                    "sample " + sample.sample() + " of " + sample.questionId() + " where sample " + number + " of "
                            + question + " belongs",
                    null);
        }
        return sample;
    }

    private static KeptRollout parsed(String line, String place) {
        try {
            return RolloutLine.read(Json.WHOLE.readTree(line))
                    .filter(sample -> sample.kind() != null)
                    .orElseThrow(() -> damaged(place, "not a completion with all of its fields", null));
        } catch (JsonProcessingException e) {
            throw damaged(place, JsonLines.words(e), e);
        }
    }

    private static ConfigException damaged(String place, String what, @Nullable Throwable cause) {
        String message = place + ": damaged (" + what + "); restore the file, or delete the folder and sample again";
        return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
    }
}
