package org.reft4j.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.job.Example;
import org.reft4j.train.job.Job;

/** The pages on moving to reft4j, followed to the letter: files written, commands run in their order by a shell. Only the model and the ports are others. */
class MigrateTest {
    private static final Path DOCS = Path.of("../docs").toAbsolutePath().normalize();
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(sh|yaml|python|js)\\n(.*?)^```$");
    private static final Pattern FILE = Pattern.compile("# (\\S+\\.yaml)\\n");
    private static final String MODEL = "Qwen/Qwen3-0.6B";
    private static final String TEMPLATE =
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}<|endoftext|>\n{% endfor %}"
                    + "{% if add_generation_prompt %}<assistant>{% endif %}";
    private static final String NODE = Objects.requireNonNullElse(System.getenv("NODE_PATH"), "");
    private static final long LIMIT_SECONDS = 400;

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private static Path model = Path.of("");

    /** A model of some thousand weights with a chat template. */
    @BeforeAll
    static void make() throws IOException {
        List<Example> sums = IntStream.range(0, 8)
                .mapToObj(i -> new Example(i + " plus 1?", "" + (i + 1), "The answer is " + (i + 1)))
                .toList();
        Path trained = Job.of("""
                        {recipe: sft, epochs: 1, batch: 8, data: {cot: n}, evaluate: {questions: 1, max-total-tokens: 30},
                         model: {compute: f32, new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32,
                                                     context-length: 256}}}""", shared.resolve("start"))
                .examples(sums, sums.subList(0, 1))
                .start()
                .await()
                .model();
        model = Files.createDirectories(shared.resolve("model"));
        try (Stream<Path> files = Files.list(trained)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (!name.startsWith("reft-") && !name.equals("checkpoint.json")) {
                    Files.copy(file, model.resolve(name));
                }
            }
        }
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
    }

    @Test
    void fromOpenAi() throws Exception {
        needs("curl", "jq");
        String said = follow("migrate-openai.md", works("python3", "-c", "import openai"), node());
        assertTrue(said.contains("0.9"), said); // what the grader paid
        assertTrue(said.contains("The job has successfully completed"), said);
    }

    @Test
    void fromBedrock() throws Exception {
        needs("curl", "jq", "python3");
        assertTrue(follow("migrate-bedrock.md", true, false).contains("ft:openai.gpt-oss-20b:default::"));
    }

    @Test
    void fromTinker() throws Exception {
        needs("curl", "jq");
        String said = follow("migrate-tinker.md", false, false);
        assertTrue(said.contains(MODEL + "\n"), said);
        assertTrue(said.endsWith("0\n"), said);
    }

    @Test
    void fromALoopOfOnesOwn() throws Exception {
        needs();
        String said = follow("migrate-local.md", false, false);
        assertTrue(said.contains("Batch arithmetic"), said);
        assertTrue(Files.exists(folder.resolve("sums-model/config.json")));
    }

    private static void needs(String... programs) throws Exception {
        assumeTrue(works("sh", "-c", "true"), "there is no shell on this machine");
        for (String program : programs) {
            assumeTrue(works(program, "--version"), program + " is not on this machine");
        }
    }

    private static boolean node() throws Exception {
        // From NODE_PATH, which modules do not heed: they are linked into the folder.
        return !NODE.isEmpty() && works("node", "-e", "require('openai')");
    }

    private static boolean works(String... command) throws Exception {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs a page in one shell, so that its variables hold from one block to the next. */
    private String follow(String page, boolean python, boolean node) throws Exception {
        StringBuilder script =
                new StringBuilder("set -e\n: > pids\ntrap 'kill $(cat pids) 2> killed || true; wait || true' EXIT\n");
        Matcher blocks = BLOCK.matcher(Files.readString(DOCS.resolve(page)));
        int commands = 0;
        while (blocks.find()) {
            String text = blocks.group(2);
            Matcher file = FILE.matcher(text);
            switch (blocks.group(1)) {
                case "sh" -> {
                    // A shell of its own has no job control; what it leaves running is ended by its number.
                    script.append(text.replace(" &\n", " & echo $! >> pids\n"));
                    commands++;
                }
                case "python" -> script.append(python ? "python3 - <<'END'\n" + text + "END\n" : left("python"));
                case "js" ->
                    script.append(node ? "cat > page.mjs <<'END'\n" + text + "END\nnode page.mjs\n" : left("js"));
                default -> {
                    assertTrue(file.lookingAt(), "a file without a name: " + text);
                    Path target = folder.resolve(file.group(1));
                    Files.createDirectories(target.getParent());
                    Files.writeString(target, placed(text));
                }
            }
        }
        assertTrue(commands >= 2, "only " + commands + " blocks of commands are on " + page);
        Path rows = Files.createDirectories(folder.resolve("docs/migrate"));
        for (String name : List.of("train.jsonl", "valid.jsonl")) {
            Files.copy(DOCS.resolve("migrate").resolve(name), rows.resolve(name));
        }
        if (node) {
            Files.createSymbolicLink(folder.resolve("node_modules"), Path.of(NODE));
        }
        program();
        Files.writeString(folder.resolve("page.sh"), placed(script.toString()));
        Process shell = new ProcessBuilder("sh", "page.sh")
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out").toFile())
                .start();
        boolean ended = shell.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
        }
        String said = Files.readString(folder.resolve("out"));
        assertTrue(ended, page + " goes on and on:\n" + said);
        assertEquals(0, shell.exitValue(), page + " failed:\n" + said);
        return said.lines().filter(line -> !line.startsWith("reft: ")).reduce("", (all, line) -> all + line + "\n");
    }

    private static String left(String language) {
        System.err.println(
                "MigrateTest: the " + language + " part is skipped, since its client is not on this machine");
        return "";
    }

    private String placed(String text) throws IOException {
        return text.replace(": " + MODEL, ": " + model)
                .replace("8733", port("8733"))
                .replace("127.0.0.1:9000", "127.0.0.1:" + port("9000"))
                .replace("\"127.0.0.1\", 9000", "\"127.0.0.1\", " + port("9000"))
                .replace("serve --data my-service", "serve --data my-service --port " + port("8733"));
    }

    private final List<String> known = new ArrayList<>();

    /** The same free port for the same one of the page. */
    private String port(String of) throws IOException {
        int at = known.indexOf(of);
        if (at >= 0) {
            return known.get(at + 1);
        }
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            known.addAll(List.of(of, Integer.toString(free.getLocalPort())));
            return known.getLast();
        }
    }

    /** The program of this build, where the pages have it. */
    private void program() throws IOException {
        StringBuilder line = new StringBuilder("#!/bin/sh\nexport OMP_NUM_THREADS=1\nexec");
        Program.get()
                .command(List.of())
                .forEach(word ->
                        line.append(" '").append(word.replace("'", "'\\''")).append('\''));
        Path reft = Files.writeString(folder.resolve("reft"), line + " \"$@\"\n");
        assertTrue(reft.toFile().setExecutable(true));
    }
}
