package org.reft4j.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.reft4j.train.job.Example;
import org.reft4j.train.job.Job;

/** A new model of some thousand weights with a chat template, which answers quickly and wrongly. */
public final class TinyModel {
    private static final String TEMPLATE =
            "{% for m in messages %}<{{ m.role }}>{{ m.content }}<|endoftext|>\n{% endfor %}"
                    + "{% if add_generation_prompt %}<assistant>{% endif %}";

    private TinyModel() {}

    /** Makes it in a folder that is not there yet. */
    public static Path make(Path folder) {
        Path run = folder.resolveSibling("start");
        List<Example> sums = IntStream.range(0, 8)
                .mapToObj(i -> new Example(i + " plus 1?", "" + (i + 1), "The answer is " + (i + 1)))
                .toList();
        Path trained = Job.of("""
                        {recipe: sft, epochs: 1, batch: 8, data: {cot: n}, evaluate: {questions: 1, max-total-tokens: 30},
                         model: {compute: f32, new: {layers: 1, width: 16, heads: 2, key-value-heads: 1, feed-forward: 32,
                                                     context-length: 256}}}""", run)
                .examples(sums, sums.subList(0, 1))
                .start()
                .await()
                .model();
        try (Stream<Path> files = Files.list(trained)) {
            Files.createDirectories(folder);
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (!name.startsWith("reft-") && !name.equals("checkpoint.json")) {
                    Files.copy(file, folder.resolve(name));
                }
            }
            Files.writeString(folder.resolve("chat_template.jinja"), TEMPLATE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }
}
