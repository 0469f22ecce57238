package org.reft4j.train.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.train.ConfigException;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.RolloutLine;
import org.reft4j.train.rollout.SampledQuestion;

/**
 * A folder of samples that is being written: {@code samples.json} says how they were made, {@code samples.jsonl} has a line for each
 * completion, question after question, the greedy one first. A question counts once all of its lines are there. One writer at a time.
 */
public final class SampleFolder implements AutoCloseable {
    static final String SETTINGS = "samples.json";
    static final String LINES = "samples.jsonl";

    private final Path folder;
    private final AppendedLines lines;
    private final int complete;

    private SampleFolder(Path folder, AppendedLines lines, int complete) {
        this.folder = folder;
        this.lines = lines;
        this.complete = complete;
    }

    /**
     * Opens for writing: a new folder, or one made with the same settings. Unfinished questions are cut off, so that questions are sampled
     * in the same groups as without the interruption.
     *
     * @throws ConfigException if the folder holds something else, or another process writes to it
     */
    public static SampleFolder open(Path folder, SampleSettings settings) {
        check(folder, settings);
        try {
            if (!Files.exists(folder.resolve(SETTINGS))) {
                Files.createDirectories(folder);
                DurableFiles.write(
                        folder.resolve(SETTINGS),
                        Json.PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(settings.json()) + "\n");
            }
            return lock(folder, settings);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder, e);
        }
    }

    /**
     * Changes nothing.
     *
     * @throws ConfigException if the folder holds something else than samples made with these settings
     */
    public static void check(Path folder, SampleSettings settings) {
        Optional<SampleSettings> there = SampleReader.settings(folder);
        there.ifPresent(settingsThere -> settingsThere.requireSame(folder, settings));
        if (there.isPresent() || !Files.exists(folder)) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new ConfigException(folder + " is a file; expected a folder for the samples");
        }
        try (Stream<Path> entries = Files.list(folder)) {
            // Files that begin with a dot are unfinished ones of a killed process.
            if (entries.anyMatch(entry -> !entry.getFileName().toString().startsWith("."))) {
                throw new ConfigException(folder + " holds other files and no " + SETTINGS + "; choose another folder");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + folder, e);
        }
    }

    /** Number of questions that were complete when it was opened; writing continues after them. */
    public int complete() {
        return complete;
    }

    /**
     * The form in which its questions are put: the same for all of a folder, and recorded in it.
     *
     * @param model the place of the model that is asked
     * @param usual that model's own form
     * @param wanted makes of the form to begin with the one that is asked for
     * @throws ConfigException if the questions that are stored were put in another form
     */
    public PromptForm form(Path model, PromptForm usual, UnaryOperator<PromptForm> wanted) {
        Optional<PromptForm> before = PromptForm.trained(folder);
        // Folders of older versions do not record it: they used the data's template for a model that was not trained by
        // this program.
        PromptForm open =
                complete > 0 && before.isEmpty() ? PromptForm.trained(model).orElse(PromptForm.PLAIN) : usual;
        PromptForm form = wanted.apply(open);
        if (before.isPresent() && !before.get().equals(form)) {
            throw new ConfigException(folder + " holds samples that were asked otherwise (" + PromptForm.file(folder)
                    + "); ask for the same, choose another folder, or delete this one");
        }
        if (complete == 0) {
            form.save(folder);
        }
        return form;
    }

    /** Adds questions, and flushes them to the disk. */
    public void append(List<SampledQuestion> questions) {
        lines.append(questions.stream().flatMap(SampledQuestion::all).map(RolloutLine.SAMPLE::write));
    }

    @Override
    public void close() {
        lines.close();
    }

    private static SampleFolder lock(Path folder, SampleSettings settings) throws IOException {
        Path file = folder.resolve(LINES);
        AppendedLines lines = AppendedLines.open(file, "wait for it, or choose another folder");
        try {
            return new SampleFolder(folder, lines, cut(file, lines, settings));
        } catch (IOException | RuntimeException e) {
            lines.close();
            throw e;
        }
    }

    /** Cuts off questions of an incomplete group; returns the number that stay. */
    private static int cut(Path file, AppendedLines lines, SampleSettings settings) throws IOException {
        List<Long> ends = SampleReader.ends(file, settings.lines());
        boolean all = ends.size() == settings.data().questions();
        int kept = all ? ends.size() : ends.size() - ends.size() % settings.together();
        long size = kept == 0 ? 0 : ends.get(kept - 1);
        lines.cut(size);
        return kept;
    }
}
