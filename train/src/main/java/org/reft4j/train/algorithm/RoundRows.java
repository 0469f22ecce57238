package org.reft4j.train.algorithm;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.ConfigException;
import org.reft4j.train.learn.Setup;
import org.reft4j.train.learn.Targets;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * The rows that a round of offline self-training learns from: kept samples of each question, and the annotated data.
 *
 * @param chains number of kept samples
 */
record RoundRows(List<Row> rows, int chains) {
    /**
     * Keeps at most {@code keep} samples of each question, chosen at random.
     *
     * @param right the right samples of each question, by its id
     * @throws ConfigException if there is nothing to learn from
     */
    static RoundRows of(
            Map<String, List<String>> right, SelfTrainingRound round, OfflineSelfTrainingSettings config, Setup setup) {
        Seeds seeds = new Seeds(config.seed());
        Targets targets = new Targets(setup.prompts(), setup.rowTokens(config.maxTokens()));
        List<Question> questions = setup.data().train();
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (int q = 0; q < questions.size(); q++) {
            List<String> chains = right.getOrDefault(questions.get(q).id(), List.of());
            int[] order = seeds.permutation(chains.size(), Seeds.Purpose.KEEP, round.number(), q);
            kept.put(questions.get(q).id(), SampleRows.atMost(config.keep(), chains, order));
        }
        List<Row> rows = questions.stream()
                .flatMap(
                        question -> ofQuestion(question, kept.getOrDefault(question.id(), List.of()), targets).stream())
                .toList();
        if (rows.isEmpty()) {
            throw new ConfigException(
                    "there is nothing to train on: no sample was right, and data has no annotated training question"
                            + " that fits into max-tokens " + targets.maxTokens()
                            + "; give a better warm-up as model.path, or annotated data");
        }
        return new RoundRows(rows, kept.values().stream().mapToInt(List::size).sum());
    }

    /** The kept chains and, unless it is one of them, the annotated one. */
    static Set<Row> ofQuestion(Question question, List<String> kept, Targets targets) {
        Set<Row> rows = new LinkedHashSet<>();
        kept.forEach(chain -> targets.written(question, chain).forEach(rows::add));
        rows.addAll(targets.annotated(question));
        return rows;
    }

    /** Tells the step in which the round sampled. */
    void tell(RoundSamples samples, SelfTrainingRound round, OfflineSelfTrainingSettings config, Run run) {
        if (chains == 0) {
            run.emit(new RunEvent.Warned(
                    round.begin(), "no sample was right; this round trains on the annotated data alone"));
        }
        Map<String, Double> metrics = new LinkedHashMap<>(samples.metrics());
        metrics.put("kept", (double) chains);
        metrics.put("rows", (double) rows.size());
        metrics.put("round", (double) round.number());
        run.emit(new RunEvent.Stepped(round.begin(), round.steps(config, rows.size()), metrics, samples.timings()));
    }
}
