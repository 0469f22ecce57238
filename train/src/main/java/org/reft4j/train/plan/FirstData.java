package org.reft4j.train.plan;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.SplitSource;
import org.reft4j.task.source.Datasets;

/**
 * Data of a first configuration: the files as they were named, and what nobody said, guessed from their rows.
 *
 * @param config the data section, with names of fields and the kind of the annotations' reasoning
 * @param dataset the questions
 */
public record FirstData(DataConfig config, Dataset dataset) {
    /**
     * Opens data.
     *
     * @param data in the words of the command line
     * @param validation file of the validation questions; empty: held out
     * @param test file of the test questions; empty: held out
     * @throws DataException if they cannot be read, whichever way they reason
     */
    public static FirstData open(String data, Optional<String> validation, Optional<String> test) {
        Dataset dataset = dataset(data, validation, test);
        return new FirstData(config(data, validation, test, dataset.template().cot()), dataset);
    }

    /** The data, reasoned about as their annotations are. */
    private static Dataset dataset(String data, Optional<String> validation, Optional<String> test) {
        try {
            return Datasets.open(config(data, validation, test, Cot.PROSE));
        } catch (DataException e) {
            try {
                return Datasets.open(config(data, validation, test, Cot.PROGRAM));
            } catch (DataException _) {
                throw e;
            }
        }
    }

    private static DataConfig config(String data, Optional<String> validation, Optional<String> test, Cot cot) {
        DataConfig files = Datasets.ofFiles(data, cot);
        Path path = Path.of(String.valueOf(files.path()));
        Map<String, String> fields = files.fields() == null ? Map.of() : files.fields();
        if (Files.isRegularFile(path)) {
            fields = GuessedFields.of(Datasets.fields(path), fields);
        }
        return new DataConfig(
                null,
                files.path(),
                cot,
                validation.<SplitSource>map(SplitSource.File::new).orElse(files.validationSource()),
                files.seed(),
                0,
                0,
                Map.of(),
                test.<SplitSource>map(SplitSource.File::new).orElse(null),
                fields.isEmpty() ? null : fields);
    }
}
