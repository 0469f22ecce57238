package org.reft4j.train.sample;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.DataConfig;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.dataset.SplitRule;
import org.reft4j.task.source.DataSpec;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.RunData;

/**
 * The questions that a model is asked.
 *
 * @param config the data section that they were opened with
 * @param run the data of the run that the model comes from; empty if it comes from none
 * @param trained ids of those that the model was trained on, as far as recorded
 */
public record AskedData(
        Dataset dataset, DataConfig config, Optional<RunData> run, List<Question> questions, Set<String> trained) {
    /** @param chosen those of the dataset's questions that are asked */
    public static AskedData open(DataConfig config, Optional<RunData> run, Function<Dataset, List<Question>> chosen) {
        Dataset dataset = Datasets.open(config, run.map(RunData::rule).orElse(SplitRule.BY_SKELETON));
        List<Question> questions = chosen.apply(dataset);
        return new AskedData(dataset, config, run, questions, trained(run, questions));
    }

    /** The ids of those that a run was trained on. */
    public static Set<String> trained(Optional<RunData> run, List<Question> questions) {
        Set<String> prints = run.map(RunData::trained).orElse(Set.of());
        return questions.stream()
                .filter(question -> prints.contains(question.print()))
                .map(Question::id)
                .collect(Collectors.toSet());
    }

    /**
     * The questions as a folder of samples records them.
     *
     * @param split the split that they are of, as files spell it
     */
    public SampleSettings.Data recorded(String split) {
        return new SampleSettings.Data(
                dataset.name(),
                split,
                cot().letter(),
                questions.size(),
                Fingerprint.of(questions),
                DataSpec.text(config),
                split.equals(SampleSettings.Data.TRAIN) ? List.of() : List.copyOf(new TreeSet<>(trained)));
    }

    /** Remarks on the questions, and on those among them that the model was trained on; to be made after all checks. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        run.ifPresent(of -> {
            remarks.add((config.equals(of.config()) ? "data as in the model's run" : "data") + ": "
                    + DataSpec.text(config) + ", reasoned as " + word(cot()));
            if (cot() != of.config().cot()) {
                remarks.add(
                        "the model was trained on " + word(of.config().cot()) + ", and is asked for " + word(cot()));
            }
            if (!of.isKnown()) {
                remarks.add("nobody can say which of these questions the model was trained on: its run is of an earlier"
                        + " version, and its data are not at "
                        + Objects.requireNonNullElse(of.config().path(), "the place that it names") + " any more");
            }
        });
        if (!trained.isEmpty()) {
            remarks.add(trained.size() + " of these " + questions.size()
                    + " questions are among those that the model was trained on; their answers are marked");
        }
        return remarks;
    }

    private static String word(Cot cot) {
        return cot == Cot.PROGRAM ? "programs" : "prose";
    }

    public Cot cot() {
        return config.cot();
    }

    /** Prompt and answer together: as the run measured itself. */
    public int maxTotalTokens(Optional<Integer> asked, int otherwise) {
        return asked.or(() -> run.map(RunData::maxTotalTokens)).orElse(otherwise);
    }

    /**
     * Refuses questions that the model was trained on.
     *
     * @param own words on how to ask what the run held out
     * @param anyway words on how to ask them all the same
     * @throws ConfigException that says how many, and what to do
     */
    public void requireNew(Path model, String split, String own, String anyway) {
        if (run.isEmpty() || trained.isEmpty()) {
            return;
        }
        DataConfig held = run.get().config();
        String some = questions.stream()
                .map(Question::id)
                .filter(trained::contains)
                .findFirst()
                .orElseThrow();
        String remedy = config.equals(held)
                ? ": they stand in its train split too, or the model that it began with was trained on them; "
                : "; " + own + " to ask what the run held out (" + DataSpec.text(held) + "), or ";
        throw new ConfigException(trained.size() + " of " + questions.size() + " " + split
                + " questions are among those that " + model + " was trained on, such as " + some + remedy + anyway
                + " to ask them all the same, marked");
    }
}
