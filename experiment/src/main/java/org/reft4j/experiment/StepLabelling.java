package org.reft4j.experiment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.grade.StepSplit;
import org.reft4j.train.job.LoadedModel;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.PromptForm;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.rollout.SampledQuestion;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.SampledData;
import org.reft4j.train.sample.StepLabelFile;
import org.reft4j.train.sample.StepRollouts;

/**
 * Labelling of the steps of a folder's samples, by the answers that a model reaches from each.
 *
 * @param samples settings of the samples
 * @param asked the questions that they answer
 * @param chains the chains of each question that are labelled
 * @param settings the settings of the rollouts
 */
public record StepLabelling(
        SampleSettings samples, SampledData asked, List<List<KeptRollout>> chains, Settings settings) {
    /**
     * Settings of the rollouts after each step.
     *
     * @param chains samples of each question that are labelled, at most
     * @param rollouts completions after each step
     * @param batch completions written at once
     */
    public record Settings(int chains, int rollouts, double temperature, int topK, int batch, long seed) {}

    public static StepLabelling of(
            SampleSettings samples, SampledData asked, List<SampledQuestion> sampled, Settings settings) {
        List<List<KeptRollout>> chains = sampled.stream()
                .map(question -> StepRollouts.chains(question, settings.chains()))
                .toList();
        return new StepLabelling(samples, asked, chains, settings);
    }

    /** Number of chains that are labelled. */
    public int size() {
        return chains.stream().mapToInt(List::size).sum();
    }

    /** The amount of work, for people. */
    public String work() {
        StepSplit split = StepSplit.of(samples.data().kind());
        long steps = chains.stream()
                .flatMap(List::stream)
                .mapToLong(chain -> split.steps(chain.completion()).size() - 1L)
                .sum();
        double tokens = chains.stream()
                .flatMap(List::stream)
                .mapToInt(KeptRollout::tokens)
                .average()
                .orElse(0);
        long completions = steps * settings.rollouts();
        // On average, a rollout after a step writes half of the chain.
        return String.format(
                Locale.ROOT,
                "%d chains, %d steps with something behind them x %d rollouts = %d completions, about %.0f tokens in all",
                size(),
                steps,
                settings.rollouts(),
                completions,
                completions * tokens / 2);
    }

    /**
     * Labels what is not labelled yet.
     *
     * @param description the grading, as the file's settings have it
     * @param stop looked at between completions
     * @return true if all questions are done
     */
    public boolean label(
            LoadedModel model,
            PromptForm form,
            Grader grader,
            JsonNode description,
            Path out,
            Audience audience,
            BooleanSupplier stop) {
        Prompts prompts = model.prompts(asked.dataset().template(), form);
        Seeds seeds = new Seeds(settings.seed());
        List<Integer> linesEach = chains.stream().map(List::size).toList();
        try (StepLabelFile file = StepLabelFile.open(out, json(model, description), linesEach);
                Grading grading = new Grading(grader, RewardRule.REFT);
                Audience.Work display = audience.begin("labelled", file.complete(), chains.size())) {
            StepRollouts labeller = new StepRollouts(
                    new Passages(prompts, RewardLabels.PROCESS, samples.data().kind(), samples.maxTotalTokens() - 1),
                    Asker.of(model.decoder(), prompts, settings.batch()).until(stop),
                    SamplingConfig.sampling(settings.temperature(), settings.topK(), 1, samples.maxTotalTokens()),
                    grading,
                    (question, sample, step, rollout) ->
                            seeds.key(Seeds.Purpose.SAMPLE, question, sample, step, rollout),
                    settings.rollouts());
            for (int place = file.complete(); place < chains.size(); place++) {
                List<ObjectNode> lines = labeller.label(place, asked.questions().get(place), chains.get(place));
                if (stop.getAsBoolean()) {
                    return false;
                }
                file.append(lines);
                display.at(place + 1, 0);
            }
            return true;
        } catch (Asker.Stopped _) {
            return false;
        }
    }

    /** All that decides the labels. */
    private ObjectNode json(LoadedModel model, JsonNode grader) {
        ObjectNode json = Results.object();
        json.put("samples-of", samples.model().fingerprint());
        json.put("sample-seed", samples.seed());
        json.put(StepLabelFile.QUESTIONS, samples.data().fingerprint());
        json.put("model", model.fingerprint());
        json.put("compute", model.compute());
        json.set("grader", grader);
        return json.put("chains", settings.chains())
                .put("rollouts", settings.rollouts())
                .put("temperature", settings.temperature())
                .put("top-k", settings.topK())
                .put("batch", settings.batch())
                .put("seed", settings.seed());
    }
}
