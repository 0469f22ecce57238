package org.reft4j.train.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.SampledQuestion;

class SampleFolderTest {
    private static final SampleSettings SETTINGS = Samples.settings(5, "a", 1);
    private static final List<SampledQuestion> QUESTIONS = List.of(
            Samples.question("q0", "7.0", "7.0", "3.0"),
            Samples.question("q1", "-", "7.0", "-"),
            Samples.question("q2", "1.0", "2.0", "3.0"),
            Samples.question("q3", "7.0", "7.0", "7.0"),
            Samples.question("q4", "7.0", "-", "7.0"));

    @TempDir
    private Path parent;

    private Path folder() {
        return parent.resolve("samples");
    }

    private Path lines() {
        return folder().resolve("samples.jsonl");
    }

    private void write(List<SampledQuestion> questions) {
        try (SampleFolder folder = SampleFolder.open(folder(), SETTINGS)) {
            folder.append(questions);
        }
    }

    private int complete() {
        try (SampleFolder folder = SampleFolder.open(folder(), SETTINGS)) {
            return folder.complete();
        }
    }

    private void expect(SampleSettings settings, String... words) throws IOException {
        String before = Files.readString(lines());
        ConfigException refused = assertThrows(ConfigException.class, () -> SampleFolder.open(folder(), settings));
        for (String word : words) {
            assertTrue(String.valueOf(refused.getMessage()).contains(word), refused.getMessage());
        }
        assertEquals(before, Files.readString(lines()));
    }

    @Test
    void whatIsWrittenIsRead() {
        write(QUESTIONS);
        assertEquals(QUESTIONS, SampleReader.questions(folder()));
        assertEquals(SETTINGS, SampleReader.settings(folder()).orElseThrow());
        assertEquals(5, complete());
    }

    /** As a process that looks on meanwhile finds it, or the next one after a kill. */
    @Test
    void whatHasOnlyBegunCountsAsNothing() throws IOException {
        assertEquals(0, SampleReader.complete(folder()));
        SampleFolder.open(folder(), SETTINGS).close();
        assertEquals(0, SampleReader.complete(folder()));
        write(QUESTIONS.subList(0, 2));
        assertEquals(2, SampleReader.complete(folder()));
        Files.writeString(lines(), "{\"half", StandardOpenOption.APPEND);
        assertEquals(2, SampleReader.complete(folder()));
    }

    @Test
    void goesOnBehindTheQuestionsThatWereAskedTogether() throws IOException {
        write(QUESTIONS);
        String whole = Files.readString(lines());
        int end = whole.length();
        // Two questions of three lines are asked together; the last of the five alone. Cut off in line 14, 13, 10 and
        // 2.
        int[][] cases = {{14, 4}, {13, 4}, {10, 2}, {2, 0}};
        for (int[] each : cases) {
            int cut = 0;
            for (int line = 1; line < each[0]; line++) {
                cut = whole.indexOf('\n', cut) + 1;
            }
            Files.writeString(lines(), whole.substring(0, Math.min(end, cut + 20)));
            try (SampleFolder folder = SampleFolder.open(folder(), SETTINGS)) {
                assertEquals(each[1], folder.complete(), "cut in line " + each[0]);
                folder.append(QUESTIONS.subList(folder.complete(), 5));
            }
            assertEquals(whole, Files.readString(lines()));
        }
    }

    @Test
    void anUnfinishedQuestionIsNotRead() throws IOException {
        write(QUESTIONS.subList(0, 2));
        String two = Files.readString(lines());
        Files.writeString(lines(), two + two.lines().findFirst().orElseThrow() + "\n{\"item");
        assertEquals(QUESTIONS.subList(0, 2), SampleReader.questions(folder()));
    }

    @Test
    void othersAreRefusedByName() throws IOException {
        write(QUESTIONS);
        expect(Samples.settings(5, "b", 1), "another model", "models/a", "models/b", "another folder");
        expect(Samples.settings(5, "a", 0.7), "temperature", "1.0", "0.7", "another folder");
        expect(Samples.settings(6, "a", 1), "data.questions", "5", "6");
    }

    @Test
    void aModelMayHaveMoved() {
        write(QUESTIONS);
        SampleSettings moved = new SampleSettings(
                new SampleSettings.Model("elsewhere/a", "print-of-a", "f32"),
                SETTINGS.data(),
                SETTINGS.grader(),
                2,
                1,
                50,
                1,
                200,
                4,
                42);
        SampleFolder.check(folder(), moved);
    }

    @Test
    void aFolderOfOtherFilesIsLeftAlone() throws IOException {
        Files.createDirectories(folder());
        Files.writeString(folder().resolve("diary.txt"), "dear");
        ConfigException refused = assertThrows(ConfigException.class, () -> SampleFolder.open(folder(), SETTINGS));
        assertTrue(String.valueOf(refused.getMessage()).contains("other files"), refused.getMessage());
        assertFalse(Files.exists(lines()));
    }

    @Test
    void emptyAndMissingFoldersAreRefused() {
        assertRefused("samples.json");
        try (SampleFolder folder = SampleFolder.open(folder(), SETTINGS)) {
            assertEquals(0, folder.complete());
        }
        assertRefused("no question");
    }

    @Test
    void damageIsNamedWithItsLine() throws IOException {
        write(QUESTIONS);
        String whole = Files.readString(lines());
        Files.writeString(lines(), whole.replaceFirst("\"sample\":0", "\"sample\":3"));
        assertRefused("line 2", "sample 3 of q0");
        Files.writeString(lines(), whole.replaceFirst("\"grade\"", "\"grad\""));
        assertRefused("line 1", "fields");
        Files.writeString(lines(), whole.replaceFirst("\"item_id\":\"q1\"", "\"item_id"));
        assertRefused("line 4");
        Files.writeString(lines(), whole + whole);
        assertRefused("line 16", "damaged", "more than the 5 questions");
        String two = whole.substring(0, whole.indexOf("{\"item_id\":\"q2\""));
        Files.writeString(lines(), two + two);
        assertRefused("line 7", "damaged", "question q0 for the second time");
    }

    @ParameterizedTest
    @CsvSource({
        "'\"split\" : \"test\"', '\"split\" : \"tst\"', data.split is tst; expected train or validation or test",
        "'\"data\" :', '\"date\" :', data.name is missing",
        "'\"model\" :', '\"modal\" :', model.path is missing",
        "'\"seed\" :', '\"seat\" :', seed is missing",
        "'\"samples\" : 2', '\"samples\" : 2.5', samples is 2.5",
        "'\"samples\" : 2', '\"samples\" : 200000', expected a number from 1 to 100000",
        "'\"temperature\" : 1.0', '\"temperature\" : NaN', Non-standard token 'NaN')",
        "'{', '', damaged",
    })
    void damagedSettingsAreNamed(String part, String by, String what) throws IOException {
        write(QUESTIONS);
        Path file = folder().resolve("samples.json");
        String whole = Files.readString(file);
        Files.writeString(file, whole.replaceFirst(Pattern.quote(part), by));
        assertNotEquals(whole, Files.readString(file));
        assertRefused(file + ": damaged (", what);
    }

    /** For people who ask for the data again; other words for the same data are no other data. */
    @Test
    void theDataAreNamedAsTheyWereGiven() throws IOException {
        SampleSettings.Data data = SETTINGS.data();
        assertEquals("wordproblems, with the options that it had then", data.named());
        SampleSettings given = asked(data, "wordproblems:steps=2");
        SampleFolder.open(folder(), given).close();
        assertEquals(
                "wordproblems:steps=2", SampleReader.settingsOf(folder()).data().named());
        SampleFolder.check(folder(), SETTINGS);
        SampleFolder.check(folder(), asked(data, "wordproblems: steps=2"));
    }

    private static SampleSettings asked(SampleSettings.Data data, String given) {
        return new SampleSettings(
                SETTINGS.model(),
                new SampleSettings.Data(
                        data.name(), data.split(), data.cot(), data.questions(), data.fingerprint(), given, List.of()),
                SETTINGS.grader(),
                2,
                1,
                50,
                1,
                200,
                4,
                42);
    }

    private void assertRefused(String... words) {
        ConfigException refused = assertThrows(ConfigException.class, () -> SampleReader.questions(folder()));
        for (String word : words) {
            assertTrue(String.valueOf(refused.getMessage()).contains(word), refused.getMessage());
        }
    }
}
