package org.reft4j.server.openai;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.settings.SettingException;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.worker.RunSettings;
import org.reft4j.train.config.ConfigFile;

/** Holds settings that were translated against those that runs have. */
final class RunDocuments {
    private static final int ROWS = 100;
    private static final int CHARACTERS = 1000;
    private static final int CONTEXT = 4096;

    private RunDocuments() {}

    /** Facts as of a file and a model of usual size, which are not looked at. */
    static JobFacts usual(Path training) {
        return new JobFacts(
                ROWS,
                CHARACTERS,
                CHARACTERS,
                training,
                Optional.empty(),
                // The name of a model that may be fetched, so that nobody looks for it here.
                Path.of("somebody/a-model"),
                CONTEXT,
                Optional.empty());
    }

    /**
     * Reads settings as a run would.
     *
     * @throws ApiError that names the field at fault
     */
    static ConfigFile.Resolved check(JobTranslation translation) {
        try {
            return ConfigFile.parse(RunSettings.document(translation.settings()), List.of());
        } catch (SettingException e) {
            String message = String.valueOf(e.getMessage());
            if (!e.key().isEmpty()) {
                String field = RunSettings.field(e.key());
                throw ApiError.invalid(field, "'" + field + "' is " + e.value() + "; expected " + e.expected() + ".");
            }
            // A key that no run has is named by the message alone.
            Optional<String> named = translation.settings().properties().stream()
                    .map(Map.Entry::getKey)
                    .filter(message::contains)
                    .max(Comparator.comparingInt(String::length));
            throw ApiError.invalid(named.map(RunSettings::field).orElse(null), message);
        }
    }
}
