package org.reft4j.train.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.Json;
import org.reft4j.task.source.JsonLines;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.SampledQuestion;

/**
 * Scores of a folder's samples by one reward model: a file {@code scores-….jsonl} in that folder, with a line for each question, in their
 * order. Stored samples are never scored again. One writer at a time.
 */
public final class SampleScores implements AutoCloseable {
    private final AppendedLines lines;
    private final List<List<List<Double>>> scores;

    private SampleScores(AppendedLines lines, List<List<List<Double>>> scores) {
        this.lines = lines;
        this.scores = scores;
    }

    /** Judges the chains of a question, the numbers of each chain in the order of its text. */
    @FunctionalInterface
    public interface Judge {
        /** @param place index of the question among all */
        List<List<Double>> scores(int place, List<String> chains);
    }

    /**
     * Opens for reading and writing; a last line that a crash cut off is removed.
     *
     * @param folder the folder of the samples
     * @param judge names the reward model and how it computes, such as its fingerprint with {@code -f32}
     * @param questions the questions in the folder
     * @throws ConfigException if the file holds scores of other samples, is damaged, or another process writes to it
     */
    public static SampleScores open(Path folder, String judge, List<SampledQuestion> questions) {
        Path file = file(folder, judge);
        try {
            AppendedLines lines = AppendedLines.open(file, "wait for it");
            try {
                String whole = whole(file);
                lines.cut(whole.getBytes(StandardCharsets.UTF_8).length);
                return new SampleScores(lines, read(file, whole, questions));
            } catch (IOException | RuntimeException e) {
                lines.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /**
     * Reads the stored scores; see {@link #scores}.
     *
     * @return an empty list if nothing was scored yet
     * @throws ConfigException as {@link #open}
     */
    public static List<List<List<Double>>> stored(Path folder, String judge, List<SampledQuestion> questions) {
        Path file = file(folder, judge);
        try {
            return Files.exists(file) ? read(file, whole(file), questions) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Path file(Path folder, String judge) {
        return folder.resolve("scores-" + judge + ".jsonl");
    }

    /** Without a last line that is cut off, or still being written. */
    private static String whole(Path file) throws IOException {
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1);
    }

    /** Questions whose samples are scored. */
    public int complete() {
        return scores.size();
    }

    /** The stored scores: for each question, those of the greedy completion and then those of its samples. */
    public List<List<List<Double>>> scores() {
        return List.copyOf(scores);
    }

    /**
     * Scores all questions that are not stored yet. Samples with the same text are scored once.
     *
     * @param progress gets the number of questions stored so far
     * @param stop checked between questions
     */
    public void score(List<SampledQuestion> questions, Judge judge, IntConsumer progress, BooleanSupplier stop) {
        while (scores.size() < questions.size() && !stop.getAsBoolean()) {
            int place = scores.size();
            SampledQuestion question = questions.get(place);
            List<String> texts = question.all().map(KeptRollout::completion).toList();
            List<String> different = texts.stream().distinct().toList();
            List<List<Double>> found = judge.scores(place, different);
            append(
                    question,
                    texts.stream()
                            .map(text -> found.get(different.indexOf(text)))
                            .toList());
            progress.accept(scores.size());
        }
    }

    private void append(SampledQuestion question, List<List<Double>> found) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("item_id", question.greedy().questionId());
        json.put("texts", checksum(question));
        ArrayNode list = json.putArray("scores");
        for (List<Double> numbers : found) {
            numbers.forEach(list.addArray()::add);
        }
        lines.append(Stream.of(json));
        scores.add(found);
    }

    @Override
    public void close() {
        lines.close();
    }

    private static List<List<List<Double>>> read(Path file, String text, List<SampledQuestion> questions) {
        List<List<List<Double>>> all = new ArrayList<>();
        for (String line : text.lines().toList()) {
            String place = file + ", line " + (all.size() + 1);
            if (all.size() == questions.size()) {
                throw damaged(place, "scores of a question that the folder does not have", null);
            }
            SampledQuestion question = questions.get(all.size());
            JsonNode json = parsed(line, place);
            if (!json.path("item_id").asText().equals(question.greedy().questionId())
                    || json.path("texts").asLong() != checksum(question)
                    || json.path("scores").size() != question.samples().size() + 1) {
                throw damaged(
                        place,
                        "not the scores of the samples of " + question.greedy().questionId(),
                        null);
            }
            List<List<Double>> found = new ArrayList<>();
            for (JsonNode numbers : json.path("scores")) {
                List<Double> each = new ArrayList<>();
                for (JsonNode number : numbers) {
                    if (!number.isNumber()) {
                        throw damaged(place, "a score is " + number, null);
                    }
                    each.add(number.doubleValue());
                }
                found.add(each);
            }
            all.add(found);
        }
        return all;
    }

    private static JsonNode parsed(String line, String place) {
        try {
            return Json.PLAIN.readTree(line);
        } catch (JsonProcessingException e) {
            throw damaged(place, JsonLines.words(e), e);
        }
    }

    private static ConfigException damaged(String place, String what, @Nullable Throwable cause) {
        String message = place + ": damaged, or the samples were made anew (" + what
                + "); delete the file, and they are scored again";
        return cause == null ? new ConfigException(message) : new ConfigException(message, cause);
    }

    /** Checksum of all texts of a question, to notice other samples of the same question. */
    private static long checksum(SampledQuestion question) {
        CRC32 sum = new CRC32();
        sum.update(question.all()
                .map(KeptRollout::completion)
                .collect(Collectors.joining("\u0000"))
                .getBytes(StandardCharsets.UTF_8));
        return sum.getValue();
    }
}
