package org.reft4j.train.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.AnswerKind;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.RolloutLine;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.sample.SampleReader;

/**
 * Completions that commit b8a5bb6 kept, which had a record and a reader for each place: a folder of {@code reft sample}, samples of a round
 * of offline self-training, and rows of {@code rollouts.sqlite} (as SQL). They are read, and would be written again as they are.
 */
final class EarlierFilesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private static String text(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(EarlierFilesTest.class.getResourceAsStream("earlier/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void copy(String name, String to) throws IOException {
        Files.writeString(folder.resolve(to), text(name));
    }

    private static String again(RolloutLine spelling, String lines) throws IOException {
        StringBuilder written = new StringBuilder();
        for (String line : lines.lines().toList()) {
            KeptRollout read = RolloutLine.read(JSON.readTree(line)).orElseThrow();
            written.append(spelling.write(read)).append('\n');
        }
        return written.toString();
    }

    @Test
    void aFolderOfSamples() throws IOException {
        copy("samples/samples.json", "samples.json");
        copy("samples/samples.jsonl", "samples.jsonl");
        SampledQuestion question = SampleReader.questions(folder).getFirst();
        KeptRollout sample = question.samples().getFirst();
        assertEquals(KeptRollout.GREEDY, question.greedy().sample());
        assertEquals(AnswerKind.NUMBER, question.kind());
        assertEquals(2, question.samples().size());
        assertEquals("wordproblems_test_0", sample.questionId());
        assertEquals("5", sample.target());
        assertEquals(0, sample.sample());
        assertTrue(sample.completion().startsWith(" answerindex had - apples\n pencil"), sample::completion);
        assertEquals(Optional.empty(), sample.extracted());
        assertEquals("no-answer", sample.grade());
        assertFalse(sample.right());
        assertEquals(0, sample.reward());
        assertEquals(52, sample.tokens());
        assertEquals("length", sample.stop());
        assertEquals(-343.04129362106323, sample.logprob());
        assertEquals(52, Objects.requireNonNull(sample.ids()).size());
        assertEquals(359, sample.ids().get(0));
        String lines = text("samples/samples.jsonl");
        assertEquals(lines, again(RolloutLine.SAMPLE, lines));
    }

    @Test
    void samplesOfARound() throws IOException {
        copy("part-000001.jsonl", "part-000001.jsonl");
        List<KeptRollout> part = SampleParts.open(folder).read(0, 2);
        KeptRollout right = part.getFirst();
        assertEquals(1, right.step());
        assertEquals("wordproblems_train_7", right.questionId());
        assertEquals(3, right.sample());
        assertTrue(right.question().startsWith("There were 6 bags in Tom's room."), right::question);
        assertEquals("12", right.target());
        assertEquals("30Each1352 books80 apples33", right.completion());
        assertEquals(9, right.tokens());
        assertEquals("scored", right.grade());
        assertTrue(right.right());
        assertEquals(Optional.of("27 characters"), right.extracted());
        assertEquals(1, right.reward());
        assertEquals("end-of-text", right.stop());
        assertEquals(Tokens.of(739, 950, 400, 1013, 705, 982, 660, 863, 1), right.ids());
        assertFalse(part.getLast().right());
        assertEquals(0.43333333333333335, part.getLast().reward());
        String lines = text("part-000001.jsonl");
        assertEquals(lines, again(RolloutLine.ROUND, lines));
    }

    @Test
    void rolloutsOfARun() throws IOException, SQLException {
        Files.writeString(folder.resolve("config.yaml"), "recipe: reft\nseed: 7\n");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("rollouts.sqlite"));
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(text("rollouts.sql"));
        }
        List<KeptRollout> rows = RunReader.of(folder).rollouts(RolloutQuery.ALL);
        assertEquals(2, rows.size());
        KeptRollout traced = rows.getFirst();
        assertEquals("wordproblems_train_2", traced.questionId());
        assertEquals(147, traced.tokens());
        assertEquals(147, Objects.requireNonNull(traced.ids()).size());
        KeptRollout.TokenTrace token = Objects.requireNonNull(traced.trace()).getFirst();
        assertEquals(new KeptRollout.TokenTrace("hared", -7.1948676f, -7.113349f, -0.051693857f, -0.07730359f), token);
        KeptRollout plain = rows.getLast();
        assertEquals(6, plain.step());
        assertEquals(1, plain.sample());
        assertEquals("very", plain.completion());
        assertEquals("no-answer", plain.grade());
        assertFalse(plain.right());
        assertEquals(Optional.of("no number after the answer trigger: 'very'"), plain.extracted());
        assertEquals(Tokens.of(732, 1), plain.ids());
        assertNull(plain.trace());
        Evaluation.Answered answer =
                RunReader.of(folder).answers(24, "validation").getFirst();
        assertEquals("wordproblems_validation_2", answer.questionId());
        assertEquals("48", answer.target());
        assertFalse(answer.correct());
    }
}
