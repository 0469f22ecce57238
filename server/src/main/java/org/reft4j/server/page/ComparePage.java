package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.reft4j.train.measure.Evaluation.Answered;
import org.reft4j.train.measure.PairedComparison;
import org.reft4j.train.run.Results;

/**
 * Two to four jobs beside each other.
 *
 * @param others all that could be compared
 * @param settings by key, the value of each job, where they differ
 * @param tests the first job against each of the others
 */
record ComparePage(List<Work> works, List<Work> others, Map<String, List<String>> settings, List<Test> tests) {
    static final int MOST = 4;

    /**
     * A comparison on the same validation questions.
     *
     * @param words the finding, or why there is none
     */
    record Test(String first, String second, String words) {}

    static ComparePage of(List<Work> works, List<Work> all) {
        List<Test> tests = new ArrayList<>();
        for (Work other : works.subList(Math.min(1, works.size()), works.size())) {
            tests.add(test(works.getFirst(), other));
        }
        return new ComparePage(works, all, differences(works), tests);
    }

    private static Map<String, List<String>> differences(List<Work> works) {
        Set<String> keys = new LinkedHashSet<>();
        works.forEach(work ->
                work.snapshot().ifPresent(run -> keys.addAll(run.settings().keySet())));
        Map<String, List<String>> differences = new LinkedHashMap<>();
        for (String key : keys) {
            List<String> values = works.stream()
                    .map(work -> work.snapshot()
                            .map(run -> run.settings().getOrDefault(key, "–"))
                            .orElse("–"))
                    .toList();
            if (new LinkedHashSet<>(values).size() > 1) {
                differences.put(key, values);
            }
        }
        return differences;
    }

    private static Test test(Work first, Work second) {
        Map<String, Boolean> before = answers(first);
        Map<String, Boolean> now = answers(second);
        before.keySet().retainAll(now.keySet());
        now.keySet().retainAll(before.keySet());
        if (before.isEmpty()) {
            return new Test(first.name(), second.name(), "They were not measured on the same validation questions.");
        }
        PairedComparison found = PairedComparison.of(before, now);
        String verdict = found.p() < 0.05
                ? "The difference is more than chance."
                : "The difference may be chance: ask more validation questions, or train with several seeds.";
        return new Test(
                first.name(),
                second.name(),
                Text.plural(before.size(), "question", "questions") + " that both answered: " + second.name()
                        + " is right on "
                        + found.onlySecond() + " that " + first.name() + " gets wrong, and wrong on "
                        + found.onlyFirst()
                        + " that it gets right. Difference " + Text.number(100 * found.gain())
                        + " points, 95 % interval "
                        + Text.number(100 * found.low()) + " to " + Text.number(100 * found.high()) + ", p "
                        + (found.p() < 1e-4 ? "" : "= ") + Results.p(found.p()) + ". " + verdict);
    }

    /** Right or wrong by question and its text, at the chosen checkpoint or the last measurement. */
    private static Map<String, Boolean> answers(Work work) {
        Map<String, Boolean> answers = new HashMap<>();
        work.snapshot().filter(run -> !run.validation().isEmpty()).ifPresent(run -> {
            int step = run.chosen().orElse(run.validation().getLast().step());
            for (Answered each : run.run().answers(step, "validation")) {
                answers.put(each.questionId() + "\n" + each.question(), each.correct());
            }
        });
        return answers;
    }

    /** The query that names the jobs. */
    String query() {
        return works.stream()
                .map(work -> "job=" + Text.encoded(work.id()))
                .reduce((a, b) -> a + "&" + b)
                .orElse("");
    }
}
