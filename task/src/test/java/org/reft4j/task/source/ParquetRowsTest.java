package org.reft4j.task.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;

/** Two files that pyarrow 22 wrote, packed by snappy and by zstd. */
class ParquetRowsTest {
    @TempDir
    private Path folder;

    @Test
    void columnsAreFields() throws IOException {
        Path file = copy("rows-snappy_test.parquet");
        List<Question> questions = Datasets.open(file + ":question=prompt,answer=target,id=uid", Cot.PROSE)
                .test();
        assertEquals(2, questions.size());
        assertEquals("1", questions.get(0).id());
        assertEquals(new Answer.Numeric("4.0", 4), questions.get(0).answer());
        assertEquals("Colour, \"é\"?", questions.get(1).text());
        assertEquals(
                "{\"also\":[\"x\",\"y\"],\"deep\":{\"n\":7}}",
                questions.get(0).item().path("meta").toString());
        assertEquals("{\"also\":[]}", questions.get(1).item().path("meta").toString());
        assertTrue(questions.get(1).item().path("flag").isNull());
        String said = Refusal.of(() -> Datasets.open(file + ":question=promt,answer=target", Cot.PROSE));
        assertTrue(said.contains("row 1: there is no field 'promt'") && said.contains("the row has uid, prompt"), said);
    }

    @Test
    void conversationsAreRead() throws IOException {
        Path file = copy("chats-zstd_test.parquet");
        Question question = Datasets.open(file.toString(), Cot.PROSE).test().getFirst();
        assertEquals("system: Brief.\nuser: 2+2?", question.text());
        assertEquals("four", question.item().path("reference").asText());
    }

    @Test
    void damagedFilesAreRefused() throws IOException {
        Path file = copy("rows-snappy_test.parquet");
        byte[] bytes = Files.readAllBytes(file);
        for (int length : List.of(0, 3, 100, bytes.length - 1)) {
            Path cut = Files.write(folder.resolve("cut" + length + ".parquet"), java.util.Arrays.copyOf(bytes, length));
            String said = Refusal.of(() -> Datasets.open(cut.toString(), Cot.PROSE));
            assertTrue(said.contains(cut + " cannot be read as Parquet"), said);
        }
    }

    private Path copy(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = Objects.requireNonNull(ParquetRowsTest.class.getResourceAsStream("/parquet/" + name))) {
            Files.copy(in, file);
        }
        return file;
    }
}
