package org.reft4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.reft4j.ground.files.Json;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.Sheet;

/**
 * An evaluation as it is told and kept. A folder that nobody names is named after what was asked whom, and is never that of another
 * evaluation.
 */
public final class EvaluationFolder {
    /** The facts that two evaluations share where the later takes the place of the earlier. */
    private static final List<String> SAME = List.of("place", "opened", "split", "limit", "cot");

    private EvaluationFolder() {}

    /** A model's path, the same from every folder; a name on the hub as it is. */
    public static String place(Path model) {
        return Files.exists(model) ? model.toAbsolutePath().normalize().toString() : model.toString();
    }

    /**
     * A folder below that of all runs.
     *
     * @param figures those of the evaluation, with {@link #SAME}
     */
    public static Path choose(Path runs, ObjectNode figures) {
        int limit = figures.path("limit").asInt();
        String name = "evaluate-" + name(Path.of(figures.path("place").asText())) + "-"
                + figures.path("data").asText() + "-" + figures.path("split").asText()
                + (limit > 0 ? "-first-" + limit : "");
        Path folder = runs.resolve(name);
        for (int i = 2; isAnothers(folder, figures); i++) {
            folder = runs.resolve(name + "-" + i);
        }
        return folder;
    }

    /**
     * The figures of an evaluation, for people.
     *
     * @param trained ids of the questions that the model was trained on
     * @param graded by a grader that was asked for, so that the reward is of interest
     */
    public static Sheet summary(Evaluation evaluation, Set<String> trained, boolean graded) {
        Sheet sheet = new Sheet();
        sheet.say(
                "accuracy %.1f %% (%d of %d, 95 %% interval %.1f to %.1f)",
                100 * evaluation.accuracy(),
                evaluation.correct(),
                evaluation.total(),
                100 * evaluation.interval().getLowerBound(),
                100 * evaluation.interval().getUpperBound());
        if (!Double.isNaN(evaluation.answeredShare())) {
            sheet.say("%.1f %% of the answers could be read", 100 * evaluation.answeredShare());
        }
        Evaluation unseen = evaluation.without(trained);
        if (unseen.total() < evaluation.total()) {
            sheet.say(
                    "marked: %d of these questions were trained on; of the %d others %d are right",
                    evaluation.total() - unseen.total(), unseen.total(), unseen.correct());
        }
        sheet.say(
                "%d tokens in %.1f s (%.0f tokens/s)",
                evaluation.tokens(), evaluation.seconds(), evaluation.tokens() / evaluation.seconds());
        if (graded || evaluation.scored()) {
            sheet.say("%s", reward(evaluation));
        }
        return sheet;
    }

    /** The mean reward, and what it is made of. */
    private static String reward(Evaluation evaluation) {
        StringBuilder line = new StringBuilder("mean reward " + Results.figure(evaluation.reward()));
        evaluation
                .parts()
                .forEach((name, mean) ->
                        line.append(", ").append(name).append(' ').append(Results.figure(mean)));
        return line.toString();
    }

    /** Adds the figures of an evaluation. */
    public static void put(ObjectNode figures, Evaluation evaluation, Set<String> trained) {
        Results.accuracy(figures, evaluation);
        if (!trained.isEmpty()) {
            Evaluation unseen = evaluation.without(trained);
            figures.put("untrained-correct", unseen.correct());
            figures.put("untrained-total", unseen.total());
        }
        figures.set("reward", Results.number(evaluation.reward()));
        Results.parts(figures, evaluation.parts());
        figures.set("answered", Results.number(evaluation.answeredShare()));
        figures.put("tokens", evaluation.tokens());
        figures.set("seconds", Results.number(evaluation.seconds()));
    }

    /**
     * Every answer, as JSON Lines.
     *
     * @param trained ids of the questions that the model was trained on
     */
    public static String answers(Evaluation evaluation, Set<String> trained) {
        StringBuilder lines = new StringBuilder();
        for (Evaluation.Answered answer : evaluation.answers()) {
            ObjectNode line = Results.object();
            line.put("item_id", answer.questionId());
            line.put("question", answer.question());
            line.put("target", answer.target());
            line.put("completion", answer.completion());
            line.put("grade", answer.grade());
            line.put("extracted", answer.extracted());
            line.put("correct", answer.correct());
            line.set("reward", Results.number(answer.reward()));
            Results.parts(line, answer.parts());
            line.put("stop", answer.stop());
            if (trained.contains(answer.questionId())) {
                line.put("trained", true);
            }
            lines.append(Results.line(line)).append('\n');
        }
        return lines.toString();
    }

    /** That of the run, of a checkpoint inside one that of both. */
    private static String name(Path model) {
        Path folder = model.toAbsolutePath().normalize();
        Path above = folder.getParent();
        Path run = above == null ? null : above.getParent();
        String own = String.valueOf(folder.getFileName());
        return above != null && above.endsWith("checkpoints") && run != null ? run.getFileName() + "-" + own : own;
    }

    private static boolean isAnothers(Path folder, ObjectNode figures) {
        if (!Files.exists(folder)) {
            return false;
        }
        try {
            JsonNode there = Json.PLAIN.readTree(folder.resolve("results.json").toFile());
            return !SAME.stream().allMatch(key -> there.path(key).equals(figures.path(key)));
        } catch (IOException _) {
            return true;
        }
    }
}
