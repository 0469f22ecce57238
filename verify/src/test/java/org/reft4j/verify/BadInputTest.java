package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets one message that names what is wrong and what to do, the right exit status, and leaves nothing behind. */
@Execution(ExecutionMode.CONCURRENT)
class BadInputTest {
    private static final int BAD_INPUT = 2;
    private static final int FAILED = 1;
    /** In blocks of 512 bytes: the run's records fit, the optimiser's state of a checkpoint does not. */
    private static final String LIMIT = "ulimit -f 600";

    private static final Pattern TRACE =
            Pattern.compile("^\\s+at |Exception in thread|^Caused by:|\\$\\d", Pattern.MULTILINE);

    @TempDir
    private static Path trained;

    @TempDir
    Path folder;

    /** A model that works: the checkpoint of a run of one step. */
    @BeforeAll
    static void train() throws IOException {
        Files.writeString(trained.resolve("sft.yaml"), Tiny.yaml("sft", Tiny.sft("n", 1)));
        Reft.run(trained, "train", "sft.yaml").orThrow();
    }

    static Stream<BadCase> badInput() {
        return Stream.of(
                        BadData.files(),
                        BadData.completions(),
                        BadData.configurations(),
                        BadData.combinations(),
                        BadModels.folders(),
                        BadModels.weightFiles(),
                        BadModels.tokenizers(),
                        prompts())
                .flatMap(List::stream);
    }

    /**
     * Faults that show only when data and model are opened: the run folder exists by then, and is removed again so that the corrected run
     * can start.
     */
    static List<BadCase> begun() {
        return List.of(
                BadCase.of(
                        "unknown option of generated data",
                        BadData.text("c.yaml", """
                                recipe: sft
                                model:
                                  path: model
                                data:
                                  dataset: wordproblems
                                  cot: n
                                  options: {stepz: 3}
                                """),
                        "train c.yaml",
                        "stepz",
                        "steps"),
                BadCase.of("nothing annotated", BadData.text("c.yaml", """
                                recipe: sft
                                model:
                                  path: model
                                data:
                                  path: good.jsonl
                                  cot: n
                                """), "train c.yaml", "annotated"),
                BadCase.of(
                        "no answer fits behind any prompt",
                        BadData.text("c.yaml", """
                                recipe: reft
                                steps: 1
                                model:
                                  path: model
                                data:
                                  dataset: wordproblems
                                  cot: n
                                rollout:
                                  questions: 4
                                  max-prompt-tokens: 2
                                  max-total-tokens: 200
                                ppo:
                                  minibatch: 4
                                """),
                        "train c.yaml",
                        "max-prompt-tokens"),
                BadCase.of(
                        "questions longer than the model's context",
                        BadInputTest::longQuestions,
                        "train c.yaml",
                        "the model's context",
                        "255"),
                BadCase.of(
                        "base of another tokenizer",
                        BadInputTest::baseOfAnotherTokenizer,
                        "train c.yaml",
                        "base",
                        "model",
                        "token 0",
                        "<|fill|>"));
    }

    private static void longQuestions(Path folder) throws IOException {
        Files.writeString(
                folder.resolve("long.jsonl"),
                BadData.GOOD_ROW.replace("\"question\": \"", "\"question\": \"" + "Ann has 7 pens. ".repeat(100)));
        Files.writeString(folder.resolve("c.yaml"), """
                recipe: reft
                steps: 1
                model:
                  path: model
                data:
                  path: long.jsonl
                  cot: n
                rollout:
                  questions: 4
                  max-prompt-tokens: 4000
                  max-total-tokens: 8000
                ppo:
                  minibatch: 4
                """);
    }

    private static void baseOfAnotherTokenizer(Path folder) throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        try (Stream<Path> files = Files.list(folder.resolve("model"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = Files.copy(file, other.resolve(file.getFileName()));
                if (copy.toString().endsWith(".json")) {
                    Files.writeString(copy, Files.readString(copy).replace("<|pad|>", "<|fill|>"));
                }
            }
        }
        Files.writeString(folder.resolve("c.yaml"), """
                recipe: offline-self-training
                model:
                  path: model
                base:
                  path: other
                data:
                  dataset: wordproblems
                  cot: n
                """);
    }

    private static List<BadCase> prompts() {
        return List.of(new BadCase(
                "prompt longer than the context",
                inFolder -> {},
                List.of("generate", "--model", "model", "--prompt", "Ann has 7 pens and finds 8. ".repeat(60)),
                List.of("256", "tokens")));
    }

    @ParameterizedTest
    @MethodSource("badInput")
    void isRefused(BadCase bad) throws IOException {
        layOut();
        bad.prepare().in(folder);
        SortedMap<String, String> before = Folders.listing(folder);
        Reft.Outcome outcome = Reft.run(folder, bad.arguments().toArray(String[]::new));
        assertAll(
                () -> assertEquals(BAD_INPUT, outcome.exit(), "exit status: " + outcome.err()),
                () -> says(outcome, bad.expected()),
                () -> assertEquals("", outcome.out(), "standard output"),
                () -> assertEquals(before, Folders.listing(folder), "files"));
    }

    @ParameterizedTest
    @MethodSource("begun")
    void endsTheRun(BadCase bad) throws IOException {
        layOut();
        bad.prepare().in(folder);
        Reft.Outcome outcome = Reft.run(folder, bad.arguments().toArray(String[]::new));
        assertAll(
                () -> assertEquals(BAD_INPUT, outcome.exit(), "exit status: " + outcome.err()),
                () -> saysLast(outcome, bad.expected()),
                () -> assertEquals("", outcome.out(), "standard output"),
                () -> assertTrue(
                        Folders.listing(folder).keySet().stream().noneMatch(name -> name.startsWith("runs/")),
                        () -> "left: " + Folders.listing(folder).keySet()));
    }

    @Test
    void goodInputIsNot() throws IOException {
        layOut();
        Reft.run(folder, "data", "good.jsonl", "--cot", "n").orThrow();
    }

    @Test
    void aRunOfAnotherConfigurationIsRefused() {
        Path run = trained.resolve("runs/sft");
        Map<String, String> before = kept(run);
        Reft.Outcome other = Reft.run(trained, "train", "sft.yaml", "--resume", "--set", "batch=4");
        Reft.Outcome again = Reft.run(trained, "train", "sft.yaml");
        assertAll(
                () -> assertEquals(BAD_INPUT, other.exit(), "exit status"),
                () -> says(other, List.of("batch", "8", "4", "runs/sft")),
                () -> assertEquals(BAD_INPUT, again.exit(), "exit status"),
                () -> says(again, List.of("runs/sft", "--resume")),
                () -> assertEquals(before, kept(run), "files"));
    }

    /** The kernel refuses to let a file grow, as a full disk does, though by another name. */
    @Test
    void aFileThatMayNotGrowFailsTheRun() throws IOException {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/bin/sh")), "skipped: there is no /bin/sh to set a limit with");
        Files.writeString(folder.resolve("sft.yaml"), Tiny.yaml("sft", Tiny.sft("n", 1)));
        Reft.Outcome outcome = Reft.runAfter(LIMIT, folder, "train", "sft.yaml");
        assertAll(
                () -> assertEquals(FAILED, outcome.exit(), "exit status: " + outcome.err()),
                // Depending on what is written first: a checkpoint, or the database library's native part.
                () -> assertTrue(
                        outcome.err().contains("File too large")
                                || outcome.err().contains("make room"),
                        outcome.err()),
                () -> saysLast(outcome, List.of("reft: ")),
                () -> noCheckpoint(Folders.listing(folder)));
        Reft.run(folder, "train", "sft.yaml", "--resume").orThrow();
    }

    @Test
    void aFullDiskFailsTheRun() throws IOException, InterruptedException {
        Assumptions.assumeTrue(mountsAreAllowed(), "skipped: this user may not mount a small disk to fill");
        Files.writeString(folder.resolve("sft.yaml"), Tiny.yaml("sft", Tiny.sft("n", 1)));
        Path mounted = Files.createDirectory(folder.resolve("runs"));
        Process mount =
                new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", mounted.toString()).start();
        assertEquals(0, mount.waitFor());
        try {
            Reft.Outcome outcome = Reft.run(folder, "train", "sft.yaml");
            assertAll(
                    () -> assertEquals(FAILED, outcome.exit(), "exit status: " + outcome.err()),
                    () -> saysLast(outcome, List.of("No space left")),
                    () -> noCheckpoint(Folders.listing(folder)));
        } finally {
            assertEquals(
                    0, new ProcessBuilder("umount", mounted.toString()).start().waitFor());
        }
    }

    /** All but the lock, in which each process writes its number. */
    private static SortedMap<String, String> kept(Path run) {
        SortedMap<String, String> contents = Folders.contents(run);
        contents.remove(".lock");
        return contents;
    }

    private static boolean mountsAreAllowed() throws IOException, InterruptedException {
        Path probe = Files.createTempDirectory("reft-mount");
        try {
            boolean mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", probe.toString())
                            .start()
                            .waitFor()
                    == 0;
            return mounted
                    && new ProcessBuilder("umount", probe.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } finally {
            Files.delete(probe);
        }
    }

    private void layOut() throws IOException {
        Files.writeString(folder.resolve("good.jsonl"), BadData.GOOD_ROW);
        Path model = Left.checkpointFolders(trained.resolve("runs/sft")).getLast();
        Path copy = Files.createDirectory(folder.resolve("model"));
        try (Stream<Path> files = Files.list(model)) {
            // Without the checksums of a checkpoint, as a model comes from elsewhere: what is damaged shall be seen by
            // itself.
            for (Path file : files.filter(Files::isRegularFile)
                    .filter(file -> !file.endsWith("checksums.json"))
                    .toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
    }

    private static void says(Reft.Outcome outcome, List<String> expected) {
        assertEquals(1, outcome.errors().size(), () -> "more than one line: " + outcome.err());
        saysLast(outcome, expected);
    }

    /** The message must come after all normal output. */
    private static void saysLast(Reft.Outcome outcome, List<String> expected) {
        assertFalse(TRACE.matcher(outcome.err()).find(), () -> "a stack trace: " + outcome.err());
        assertFalse(outcome.errors().isEmpty(), "no message");
        String message = outcome.errors().getLast();
        assertTrue(message.startsWith("reft: "), message);
        assertFalse(message.contains("unexpected error"), message);
        for (String words : expected) {
            assertTrue(message.contains(words), () -> "no \"" + words + "\" in: " + message);
        }
    }

    private static void noCheckpoint(SortedMap<String, String> listing) {
        assertTrue(
                listing.keySet().stream().noneMatch(name -> name.matches(".*checkpoints/.+")),
                () -> "left: " + listing.keySet());
    }
}
