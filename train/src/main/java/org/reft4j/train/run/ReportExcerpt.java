package org.reft4j.train.run;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.train.measure.Evaluation.Answered;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;
import org.reft4j.train.run.RunReader.Measured;

/**
 * Selection of a run's texts for a report: rollouts of the first, the last and some steps in between, some questions through all of their
 * steps, and answers of some evaluations.
 *
 * @param rollouts the selected rollouts, in order of steps
 * @param total number of rollouts of the run
 * @param traceEvery figures per token are kept for every {@code traceEvery}-th of the rollouts that have them
 * @param answered the answers of the selected evaluations, by question
 * @param measured the selected evaluations
 */
record ReportExcerpt(
        List<KeptRollout> rollouts,
        long total,
        int traceEvery,
        Map<String, List<Answered>> answered,
        List<Measured> measured) {
    /** Characters of rollouts on a page, all runs together. */
    private static final int ROLLOUT_BUDGET = 1_500_000;

    /** Tokens with figures on a page, all runs together; each takes about 45 characters. */
    private static final int TRACE_BUDGET = 16_000;

    /** Characters of one row in addition to its texts. */
    private static final int ROW = 120;

    private static final int LONGEST_TEXT = 6_000;
    private static final int LONGEST_ANSWER = 1_500;
    private static final int RECURRING_QUESTIONS = 12;
    private static final int RECURRENCES = 24;

    /** Rollouts of one question or one step that are looked at, for memory's sake. */
    private static final int READ = 2_000;

    private static final int MEASUREMENTS = 12;
    private static final int MEASURED_QUESTIONS = 24;

    static ReportExcerpt of(RunReader reader, int runs) {
        Map<Integer, Integer> counts = reader.rolloutCounts();
        long total = counts.values().stream().mapToLong(Integer::longValue).sum();
        List<KeptRollout> rollouts = rollouts(reader, List.copyOf(counts.keySet()), ROLLOUT_BUDGET / runs);
        long tokens = rollouts.stream()
                .map(KeptRollout::trace)
                .mapToLong(trace -> trace == null ? 0 : trace.size())
                .sum();
        int traceEvery = (int) Math.max(1, Math.ceilDiv(tokens * runs, TRACE_BUDGET));
        List<Measured> measured = spread(
                reader.evaluations().stream()
                        .filter(m -> m.split().equals("validation"))
                        .toList(),
                MEASUREMENTS);
        return new ReportExcerpt(
                rollouts, total, traceEvery, answered(reader, measured, MEASURED_QUESTIONS / runs), measured);
    }

    /** Writes the texts, every question once. */
    void addTo(ObjectNode run) {
        ArrayNode questions = run.putArray("questions");
        ArrayNode rows = run.putArray("rollouts");
        Map<String, Integer> numbers = new HashMap<>();
        int traced = 0;
        for (KeptRollout rollout : rollouts) {
            int question = numbers.computeIfAbsent(rollout.questionId(), id -> {
                questions
                        .addObject()
                        .put("id", id)
                        .put("text", cut(LONGEST_TEXT, rollout.question()))
                        .put("target", cut(LONGEST_TEXT, rollout.target()));
                return questions.size() - 1;
            });
            ObjectNode row = rows.addObject()
                    .put("step", rollout.step())
                    .put("q", question)
                    .put("sample", rollout.sample())
                    .put("text", cut(LONGEST_TEXT, rollout.completion()))
                    .put("tokens", rollout.tokens())
                    .put("grade", rollout.grade())
                    .put("right", rollout.right())
                    .put("extracted", cut(LONGEST_TEXT, rollout.extracted().orElse("")))
                    .put("stop", rollout.stop());
            row.set("reward", ReportContents.rounded(rollout.reward()));
            addParts(row, rollout.parts());
            List<TokenTrace> trace = rollout.trace();
            if (trace != null && traced++ % traceEvery == 0) {
                addTrace(row.putObject("trace"), trace);
            }
        }
        run.put("rolloutTotal", total);
        addAnswers(run.putArray("answers"));
    }

    /** At most {@code count} of the items, the first and the last among them, at even distances. */
    static <T> List<T> spread(List<T> items, int count) {
        if (items.size() <= count) {
            return items;
        }
        List<T> chosen = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int index = count == 1 ? items.size() - 1 : (int) ((long) i * (items.size() - 1) / (count - 1));
            chosen.add(items.get(index));
        }
        return chosen;
    }

    private static List<KeptRollout> rollouts(RunReader reader, List<Integer> steps, int budget) {
        Map<String, KeptRollout> chosen = new LinkedHashMap<>();
        int left = budget / 3;
        for (String question : reader.recurringQuestions(RECURRING_QUESTIONS)) {
            List<KeptRollout> all =
                    reader.rollouts(RolloutQuery.ALL.ofQuestion(question).first(READ));
            for (KeptRollout rollout : spread(all, RECURRENCES)) {
                left -= size(rollout);
                if (left > 0) {
                    chosen.put(key(rollout), rollout);
                }
            }
        }
        int room = budget - budget / 3;
        int perStep = steps.isEmpty() ? 1 : Math.max(1, size(reader, steps.getFirst(), steps.getLast()));
        List<Integer> spreadSteps = spread(steps, Math.max(2, room / perStep));
        for (int step : spreadSteps) {
            int share = Math.max(room / spreadSteps.size(), ROW);
            for (KeptRollout rollout : reader.rollouts(ofStep(step))) {
                share -= size(rollout);
                if (share > 0) {
                    chosen.put(key(rollout), rollout);
                }
            }
        }
        return chosen.values().stream()
                .sorted(Comparator.comparingInt(KeptRollout::step))
                .toList();
    }

    private static int size(RunReader reader, int first, int last) {
        int sum = 0;
        for (int step : List.of(first, last)) {
            for (KeptRollout rollout : reader.rollouts(ofStep(step))) {
                sum += size(rollout);
            }
        }
        // Steps differ: leave some room, or rows would be cut from the longer ones.
        return (int) (sum * 0.6);
    }

    /**
     * Rollouts of a step, at most a page's share: recipes that sample everything before training have hundreds of thousands in one step.
     */
    private static RolloutQuery ofStep(int step) {
        return RolloutQuery.ALL.steps(step, step).first(READ);
    }

    private static int size(KeptRollout rollout) {
        return Math.min(rollout.completion().length(), LONGEST_TEXT) + ROW;
    }

    private static String key(KeptRollout rollout) {
        return rollout.step() + " " + rollout.sample() + " " + rollout.questionId();
    }

    private static String cut(int longest, String text) {
        return text.length() <= longest ? text : text.substring(0, longest) + " … (cut)";
    }

    private static void addParts(ObjectNode row, Map<String, Double> parts) {
        if (!parts.isEmpty()) {
            ObjectNode node = row.putObject("parts");
            parts.forEach((name, score) -> node.set(name, ReportContents.rounded(score)));
        }
    }

    private static void addTrace(ObjectNode node, List<TokenTrace> trace) {
        ArrayNode pieces = node.putArray("pieces");
        ArrayNode logprobs = node.putArray("logprob");
        ArrayNode references = node.putArray("reference");
        ArrayNode values = node.putArray("value");
        ArrayNode advantages = node.putArray("advantage");
        for (TokenTrace token : trace) {
            pieces.add(token.piece());
            logprobs.add(thousandths(token.logprob()));
            references.add(thousandths(token.referenceLogprob()));
            values.add(thousandths(token.value()));
            advantages.add(thousandths(token.advantage()));
        }
    }

    private static @Nullable Double thousandths(float value) {
        return Float.isFinite(value) ? Math.round(value * 1000.0) / 1000.0 : null;
    }

    /** The answers to those questions whose right and wrong changed most often, which is where something can be seen. */
    private static Map<String, List<Answered>> answered(RunReader reader, List<Measured> measured, int questions) {
        Map<String, List<Answered>> byQuestion = new LinkedHashMap<>();
        for (Measured measurement : measured) {
            for (Answered answer : reader.answers(measurement.step(), measurement.split())) {
                byQuestion
                        .computeIfAbsent(answer.questionId(), _ -> new ArrayList<>())
                        .add(answer);
            }
        }
        Map<String, List<Answered>> chosen = new LinkedHashMap<>();
        byQuestion.entrySet().stream()
                .filter(entry -> entry.getValue().size() == measured.size())
                .sorted(Comparator.comparingInt(entry -> -changes(entry.getValue())))
                .limit(Math.max(4, questions))
                .forEach(entry -> chosen.put(entry.getKey(), entry.getValue()));
        return chosen;
    }

    private static int changes(List<Answered> answers) {
        int changes = 0;
        for (int i = 1; i < answers.size(); i++) {
            if (answers.get(i).correct() != answers.get(i - 1).correct()) {
                changes++;
            }
        }
        return changes;
    }

    private void addAnswers(ArrayNode answers) {
        answered.forEach((id, list) -> {
            ObjectNode question = answers.addObject()
                    .put("id", id)
                    .put("text", cut(LONGEST_TEXT, list.getFirst().question()))
                    .put("target", cut(LONGEST_TEXT, list.getFirst().target()));
            ArrayNode given = question.putArray("given");
            for (int i = 0; i < list.size(); i++) {
                Answered answer = list.get(i);
                ObjectNode row = given.addObject()
                        .put("step", measured.get(i).step())
                        .put("text", cut(LONGEST_ANSWER, answer.completion()))
                        .put("grade", answer.grade())
                        .put("right", answer.correct())
                        .put("extracted", cut(LONGEST_TEXT, answer.extracted()))
                        .put("stop", answer.stop());
                if (answer.grade().equals("scored")) {
                    row.set("reward", ReportContents.rounded(answer.reward()));
                }
                addParts(row, answer.parts());
            }
        });
    }
}
