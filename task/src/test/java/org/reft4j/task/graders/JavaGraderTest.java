package org.reft4j.task.graders;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.sandbox.ProgramRunner;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderPlugin;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.Sample;

final class JavaGraderTest {
    private static final Path DOCUMENT =
            Path.of(System.getProperty("reft4j.root", ".")).resolve("docs/graders/java.md");

    private static String description(Class<?> plugin, String more) {
        return "{'type': 'java', 'name': 'x', 'class': '" + plugin.getName() + "'" + more + "}";
    }

    private static Grade grade(Class<?> plugin, String more) {
        return GraderObjects.grader(description(plugin, more)).grade(GraderObjects.item("{'x': [7]}"), "{\"a\": 1}");
    }

    /** Tells what it sees. */
    public static final class Telling implements GraderPlugin {
        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) {
            return new Grade.Scored(
                    options.path("weight").asDouble(2),
                    Map.of("x", item.path("x").path(0).doubleValue()),
                    sample.text()
                            + sample.json().path("output_json").path("a")
                            + item.path("item_id").asText());
        }
    }

    /** Does what it is told to. */
    public static final class Odd implements GraderPlugin {
        @Override
        @SuppressWarnings("NullAway") // as careless as the worst plug-in
        public Grade grade(JsonNode item, Sample sample, JsonNode options) throws Exception {
            return switch (options.path("do").asText()) {
                case "throw" -> throw new IOException("no\nserver");
                case "overflow" -> grade(item, sample, options);
                case "lack" -> throw new NoClassDefFoundError("com/acme/Engine");
                case "nan" -> Grade.Scored.of(Double.NaN);
                case "null" -> null;
                case "fail" -> new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "no JSON");
                default -> new Grade.Correct("7");
            };
        }
    }

    /** Does not return until it is let go, whoever interrupts it. */
    public static final class Endless implements GraderPlugin {
        static final CountDownLatch LET_GO = new CountDownLatch(1);

        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) {
            while (LET_GO.getCount() > 0) {
                Thread.onSpinWait();
            }
            return Grade.Scored.of(1);
        }
    }

    /** Interrupts its caller, and returns when that has left it. */
    public static final class Interrupting implements GraderPlugin {
        static volatile @Nullable Thread caller;

        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) throws InterruptedException {
            requireNonNull(caller).interrupt();
            new CountDownLatch(1).await();
            return Grade.Scored.of(1);
        }
    }

    /** Cannot be made. */
    public static final class Faulty implements GraderPlugin {
        public Faulty() {
            throw new IllegalStateException("no licence");
        }

        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) {
            return Grade.Scored.of(1);
        }
    }

    /** Takes for ever to be made. */
    public static final class Slow implements GraderPlugin {
        public Slow() throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) {
            return Grade.Scored.of(1);
        }
    }

    /** Wants to be told something. */
    public static final class Demanding implements GraderPlugin {
        public Demanding(String something) {
            assertNotNull(something);
        }

        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) {
            return Grade.Scored.of(1);
        }
    }

    static final class Hidden implements GraderPlugin {
        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) {
            return Grade.Scored.of(1);
        }
    }

    /** Is not whole. */
    public abstract static class Partial implements GraderPlugin {}

    /** Knows the loader that it was made by. */
    public static final class Loaded implements GraderPlugin {
        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) {
            return Grade.Scored.of(
                    Thread.currentThread().getContextClassLoader() == getClass().getClassLoader() ? 1 : 0);
        }
    }

    @Test
    void aPluginJudges() {
        assertEquals(new Grade.Scored(2, Map.of("x", 7.0), "{\"a\": 1}1q1"), grade(Telling.class, ""));
        assertEquals(
                new Grade.Scored(0.5, Map.of("x", 7.0), "{\"a\": 1}1q1"),
                grade(Telling.class, ", 'options': {'weight': 0.5}"));
        assertEquals(new Grade.Correct("7"), grade(Odd.class, ""));
        assertEquals(Grade.Scored.of(1), grade(Loaded.class, ""));
    }

    /** The line of the class that was in the way is named with it. */
    @ParameterizedTest
    @CsvSource({
        "throw, Odd threw IOException: no server (Odd",
        "overflow, Odd threw StackOverflowError (Odd",
        "lack, Odd threw NoClassDefFoundError: com/acme/Engine (Odd",
        "nan, Odd threw IllegalArgumentException: score is NaN; expected a finite number (Odd",
        "null, Odd threw NullPointerException: returned null"
    })
    void whateverItThrowsIsAFailure(String action, String reason) {
        String odd = JavaGraderTest.class.getName() + "$Odd";
        Grade.Failed failed =
                assertInstanceOf(Grade.Failed.class, grade(Odd.class, ", 'options': {'do': '" + action + "'}"));
        assertEquals(GradeError.OTHER_ERROR, failed.error());
        assertEquals(
                reason.replace("Odd", odd) + (reason.endsWith("(Odd") ? ", line N)" : ""),
                failed.reason().replaceAll("line \\d+", "line N"));
    }

    /** Prints, in its own thread and in another. */
    public static final class Printing implements GraderPlugin {
        public Printing() {
            System.out.println("made");
        }

        @Override
        public Grade grade(JsonNode item, Sample sample, JsonNode options) throws InterruptedException {
            System.out.println("seen " + sample.text());
            System.err.println("and warned");
            Thread other = new Thread(() -> System.out.println("x".repeat(1_000_000)));
            other.start();
            other.join();
            return Grade.Scored.of(1);
        }
    }

    @Test
    void whatItPrintsIsANoteAndNeverOurs() {
        java.io.PrintStream out = System.out;
        java.io.PrintStream err = System.err;
        java.io.ByteArrayOutputStream ours = new java.io.ByteArrayOutputStream();
        try {
            System.setOut(new java.io.PrintStream(ours, true, java.nio.charset.StandardCharsets.UTF_8));
            System.setErr(System.out);
            Grade grade = grade(Printing.class, "");
            System.out.print("ours");
            System.err.print(" too");
            assertEquals("ours too", ours.toString(java.nio.charset.StandardCharsets.UTF_8));
            assertTrue(grade.why().orElse("").startsWith("printed: seen {\"a\": 1} and warned xxx"), grade.toString());
            assertTrue(grade.why().orElse("").length() < 200, "no more than a line");
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    @Test
    void itMaySayThatItFailed() {
        assertEquals(
                new Grade.Failed(GradeError.SAMPLE_PARSE_ERROR, "no JSON"),
                grade(Odd.class, ", 'options': {'do': 'fail'}"));
    }

    @Test
    void loopsAreLeftAndDoNotPileUp() {
        Grader grader = GraderObjects.grader(description(Endless.class, ", 'timeout': 0.05"));
        try {
            for (int i = 0; i < AbandonedCalls.MOST; i++) {
                assertEquals(
                        new Grade.Failed(
                                GradeError.OTHER_ERROR, Endless.class.getName() + " did not return within 0.05 s"),
                        grader.grade(GraderObjects.item("{}"), ""));
            }
            assertEquals(
                    new Grade.Failed(
                            GradeError.OTHER_ERROR,
                            Endless.class.getName() + " was not called, since 4 earlier calls still run"),
                    grader.grade(GraderObjects.item("{}"), ""));
        } finally {
            Endless.LET_GO.countDown();
        }
    }

    @Test
    void anInterruptedCallerIsToldSo() {
        Grader grader = GraderObjects.grader(description(Telling.class, ""));
        Thread.currentThread().interrupt();
        Grade.Failed failed = assertInstanceOf(Grade.Failed.class, grader.grade(GraderObjects.item("{}"), ""));
        assertTrue(Thread.interrupted());
        assertEquals(Telling.class.getName() + " was interrupted", failed.reason());
    }

    @Test
    void aCallerIsInterruptedWhileItWaits() {
        Grader grader = GraderObjects.grader(description(Interrupting.class, ""));
        Interrupting.caller = Thread.currentThread();
        Grade.Failed failed = assertInstanceOf(Grade.Failed.class, grader.grade(GraderObjects.item("{}"), ""));
        assertTrue(Thread.interrupted());
        assertEquals(Interrupting.class.getName() + " was interrupted", failed.reason());
    }

    private static void refused(Class<?> type, String why) {
        assertEquals(
                "grader.class is \"" + type.getName() + "\", which " + why
                        + "; expected a public class on the plug-in path that implements"
                        + " org.reft4j.task.grade.GraderPlugin and has a public constructor without parameters",
                GraderObjects.refusal(description(type, "")));
    }

    @Test
    void whatIsNoPluginIsRefused() {
        refused(String.class, "is no public implementation of it");
        refused(Hidden.class, "is no public implementation of it");
        refused(Demanding.class, "has no public constructor without parameters");
        refused(Partial.class, "is abstract");
        refused(Faulty.class, "cannot be made: IllegalStateException: no licence");
        assertEquals(
                "grader.class is \"" + Slow.class.getName()
                        + "\", and making one did not return within 0.1 s; mend its constructor",
                GraderObjects.refusal(description(Slow.class, ", 'timeout': 0.1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"com.acme.Missing", "", "../x", "int"})
    void whatIsNotThereIsRefused(String name) {
        String refusal = GraderObjects.refusal("{'type': 'java', 'class': '" + name + "'}");
        assertTrue(
                refusal.startsWith("grader.class is \"" + name + "\", which is not found; expected a public class"),
                refusal);
        assertTrue(
                refusal.endsWith("; name its jar or folder with classpath: in the grader's description or in a run's"
                        + " configuration, or for the command"),
                refusal);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'java'}|grader.class is missing; give it",
                "{'type': 'java', 'class': 'a', 'options': [1]}|grader.options is [1]; expected an object",
                "{'type': 'java', 'class': 'a', 'timeout': -1}|grader.timeout is -1; expected seconds, more than 0 and at most 3600",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, GraderObjects.refusal(description));
    }

    /** The example of the document compiles, is found on a plug-in path, and has at most ten lines. */
    @Test
    void thePluginOfTheDocumentWorks(@TempDir Path folder) throws IOException {
        Matcher block = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(DOCUMENT));
        assertTrue(block.find());
        String source = block.group(1);
        assertTrue(source.lines().filter(line -> !line.isBlank()).count() <= 10, source);
        Path file = Files.createDirectories(folder.resolve("com/acme")).resolve("NumberOfWords.java");
        Files.writeString(file, source);
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-cp", System.getProperty("java.class.path"), "-proc:none", file.toString());
        assertEquals(0, status);
        try (URLClassLoader path = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            Grader grader = GraderObjects.grader(
                    "{'type': 'java', 'class': 'com.acme.NumberOfWords', 'options': {'most': 4}}",
                    new GraderTools(Cot.PROSE, ProgramRunner.NONE, path));
            assertEquals(Grade.Scored.of(1), grader.grade(GraderObjects.item("{}"), "no more than four"));
            assertEquals(Grade.Scored.of(0.5), grader.grade(GraderObjects.item("{}"), "a b c d e f g h"));
        }
    }
}
