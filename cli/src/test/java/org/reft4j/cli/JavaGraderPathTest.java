package org.reft4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The class of docs/graders/java.md, compiled and found by the key of a configuration. */
final class JavaGraderPathTest {
    private static final Path DOCUMENT =
            Path.of(System.getProperty("reft4j.root", ".")).resolve("docs/graders/java.md");

    @TempDir
    private Path folder;

    @Test
    void aConfigurationSaysWhereTheClassesAre() throws IOException {
        String page = Files.readString(DOCUMENT);
        Matcher block = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL).matcher(page);
        assertTrue(block.find());
        Path source = Files.createDirectories(folder.resolve("src/com/acme")).resolve("NumberOfWords.java");
        Files.writeString(source, block.group(1));
        Path build = folder.resolve("build");
        assertTrue(page.contains("-d build src/com/acme/NumberOfWords.java"), "the line of the page");
        assertEquals(
                0,
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-proc:none",
                                "-d",
                                build.toString(),
                                source.toString()));
        Path config = folder.resolve("run.yaml");
        String tiny = """
                recipe: grpo
                name: tiny
                model:
                  new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32, context-length: 256}
                data:
                  dataset: wordproblems
                  cot: n
                  options: {annotated: 8, answers: 8, validation: 4, test: 4, steps-max: 1}
                steps: 1
                rollout: {questions: 2, samples: 2, max-prompt-tokens: 180, max-total-tokens: 200}
                evaluate: {max-total-tokens: 200}
                grader: {type: java, class: com.acme.NumberOfWords, options: {most: 50}}
                """;
        Files.writeString(config, tiny + "classpath: build\n");
        JsonNode figures = Cli.run("train", config, "--runs", folder.resolve("runs"), "--json")
                .done()
                .json();
        assertEquals(0, figures.path("metrics").path("failed").asDouble(-1));
        assertTrue(
                Files.readString(folder.resolve("runs/tiny/config.yaml")).contains("classpath: " + build)
                        || Files.readString(folder.resolve("runs/tiny/config.yaml"))
                                .contains(build.toString()),
                "the run knows where they are");

        Files.writeString(config, tiny);
        Cli missing = Cli.run("train", config, "--runs", folder.resolve("others"));
        assertEquals(2, missing.status());
        assertTrue(
                missing.err()
                        .contains("classpath: in the grader's description or in a run's configuration, or for"
                                + " the command"),
                missing.err());
        Files.writeString(config, tiny + "classpath: nowhere\n");
        Cli nowhere = Cli.run("train", config, "--runs", folder.resolve("others"));
        assertEquals(2, nowhere.status());
        assertTrue(nowhere.err().contains("classpath names nowhere, which does not exist"), nowhere.err());
    }
}
