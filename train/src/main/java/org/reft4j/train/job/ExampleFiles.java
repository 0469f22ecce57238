package org.reft4j.train.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.Setting;
import org.reft4j.train.run.Results;

/**
 * Files of the questions that a Java program gives to a run, in a folder next to the run's, so that a program without these questions can
 * resume the run and evaluate its model.
 */
final class ExampleFiles {
    private ExampleFiles() {}

    /**
     * Writes the questions, unless they are there.
     *
     * @param run the folder of the run
     * @param validation questions to choose the model by; empty: some are held out
     * @return the settings that name the files
     * @throws ConfigException if the run was begun with other questions
     */
    static List<Setting> write(Path run, List<Example> train, List<Example> validation) {
        Path folder = run.resolveSibling(run.getFileName() + ".data");
        List<Setting> settings = new ArrayList<>();
        settings.add(new Setting(
                "data.path", write(run, folder.resolve("train.jsonl"), train).toString()));
        if (!validation.isEmpty()) {
            settings.add(new Setting(
                    "data.validation",
                    write(run, folder.resolve("validation.jsonl"), validation).toString()));
        }
        return settings;
    }

    private static Path write(Path run, Path file, List<Example> examples) {
        StringBuilder lines = new StringBuilder();
        for (Example example : examples) {
            ObjectNode line =
                    Results.object().put("question", example.question()).put("answer", example.answer());
            if (example.rationale() != null) {
                line.put("rationale", example.rationale());
            }
            lines.append(Results.line(line)).append('\n');
        }
        String text = lines.toString();
        try {
            if (Files.exists(file) && Files.readString(file).equals(text)) {
                return file.toAbsolutePath();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        if (Files.exists(run.resolve("config.yaml"))) {
            throw new ConfigException("the questions are not those of " + file + ", with which the run in " + run
                    + " was begun; give it the same questions, or another folder");
        }
        Results.write(file, text);
        return file.toAbsolutePath();
    }
}
