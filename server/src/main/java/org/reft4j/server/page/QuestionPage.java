package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.run.RolloutQuery;

/**
 * One question through the steps, with the difference between two of its completions.
 *
 * @param others questions that were asked in many steps, to go on with
 */
record QuestionPage(
        Work work,
        KeptRollout first,
        List<Asked> asked,
        KeptRollout before,
        KeptRollout after,
        List<WordDiff.Piece> diff,
        List<String> others) {
    private static final int OTHERS = 20;

    /** Its completions of one step. */
    record Asked(int step, List<KeptRollout> rollouts) {
        String group(String work) {
            return RolloutPage.groupAddress(work, rollouts.getFirst());
        }

        int right() {
            return (int) rollouts.stream().filter(KeptRollout::right).count();
        }

        String mean() {
            return Text.number(rollouts.stream()
                    .mapToDouble(KeptRollout::reward)
                    .filter(reward -> !Double.isNaN(reward))
                    .average()
                    .orElse(Double.NaN));
        }
    }

    static QuestionPage of(Work work, Snapshot run, Call call) {
        List<String> recurring = run.run().recurringQuestions(OTHERS);
        String question =
                call.query("question").or(() -> recurring.stream().findFirst()).orElseThrow(RolloutPage::missing);
        List<KeptRollout> all = run.run().rollouts(RolloutQuery.ALL.ofQuestion(question));
        if (all.isEmpty()) {
            throw RolloutPage.missing();
        }
        Map<Integer, List<KeptRollout>> steps = new TreeMap<>();
        all.forEach(each ->
                steps.computeIfAbsent(each.step(), _ -> new ArrayList<>()).add(each));
        KeptRollout before = chosen(all, call.query("before")).orElse(all.getFirst());
        KeptRollout after = chosen(all, call.query("after")).orElseGet(() -> best(all));
        return new QuestionPage(
                work,
                all.getFirst(),
                steps.entrySet().stream()
                        .map(entry -> new Asked(entry.getKey(), entry.getValue()))
                        .toList(),
                before,
                after,
                WordDiff.of(before.completion(), after.completion()),
                recurring);
    }

    /** The best-paid completion of its last step. */
    private static KeptRollout best(List<KeptRollout> all) {
        KeptRollout best = all.getLast();
        for (KeptRollout each : all) {
            if (each.step() == best.step() && each.reward() > best.reward()) {
                best = each;
            }
        }
        return best;
    }

    /** @param key step and sample, such as {@code 12.3} */
    private static Optional<KeptRollout> chosen(List<KeptRollout> all, Optional<String> key) {
        if (key.isEmpty()) {
            return Optional.empty();
        }
        KeptRollout found = all.stream()
                .filter(each -> key(each).equals(key.get()))
                .findFirst()
                .orElseThrow(() -> ApiError.missing(null, null, "This question has no completion " + key.get() + "."));
        return Optional.of(found);
    }

    boolean same() {
        return before.completion().equals(after.completion());
    }

    static String key(KeptRollout rollout) {
        return rollout.step() + "." + rollout.sample();
    }

    /** The address with other completions to compare. */
    String with(KeptRollout newBefore, KeptRollout newAfter) {
        return RolloutPage.questionAddress(work.id(), first.questionId()) + "&before=" + key(newBefore) + "&after="
                + key(newAfter) + "#difference";
    }
}
