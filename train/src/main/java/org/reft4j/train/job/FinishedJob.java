package org.reft4j.train.job;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.PromptTemplate;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.settings.EvaluateConfig;
import org.reft4j.train.settings.RecipeConfig;

/**
 * A run that has ended, or was stopped, and the model that it leaves.
 *
 * @param folder the folder of the run
 * @param settings all settings of the run
 * @param checkpoint the best by validation accuracy, or else the newest; empty if the run was stopped before its first
 */
public record FinishedJob(Path folder, ConfigFile.Resolved settings, Optional<Run.Checkpoint> checkpoint) {
    /**
     * The end of an earlier run.
     *
     * @param folder the folder of the run
     * @throws ConfigException if the folder is not a run
     */
    public static FinishedJob of(Path folder) {
        ConfigFile.Resolved settings = ConfigFile.read(folder.resolve("config.yaml"), List.of());
        return new FinishedJob(folder, settings, RunReader.of(folder).chosen());
    }

    /**
     * The folder of the model, in the layout of Hugging Face.
     *
     * @throws ConfigException if there is none
     */
    public Path model() {
        return checkpoint
                .map(Run.Checkpoint::folder)
                .orElseThrow(
                        () -> new ConfigException("run " + folder + " has no checkpoint yet; let it train longer"));
    }

    /** Puts a question to the model; see {@link #ask(List)}. */
    public String ask(String question) {
        return ask(List.of(question)).getFirst();
    }

    /**
     * Asks the model questions, in the prompt form of its training and with greedy decoding. Opens the model once for all of them.
     *
     * @return the completions, in the same order
     */
    public List<String> ask(List<String> questions) {
        RecipeConfig config = settings.config();
        EvaluateConfig room = config.evaluate();
        PromptTemplate template = Datasets.open(config.data()).template();
        try (LoadedModel opened = LoadedModel.open(
                model(), config.model().device(), config.model().compute(), HubProgress.NONE)) {
            Evaluation evaluation = opened.answer(
                    questions.stream().map(FinishedJob::question).toList(),
                    template,
                    opened.form(),
                    (_, _) -> new Grade.NoAnswer("nobody asked"),
                    room.maxTotalTokens(),
                    room.batch(),
                    _ -> {});
            return evaluation.answers().stream()
                    .map(Evaluation.Answered::completion)
                    .toList();
        }
    }

    private static Question question(String text) {
        return new Question("question", text, new Answer.Text(""), null);
    }
}
