package org.reft4j.server.page;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.server.http.Call;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;

/**
 * All completions of one question in one step, side by side.
 *
 * @param same true if all were paid the same, so that none taught anything by comparison
 */
record GroupPage(Work work, KeptRollout first, List<Member> members, double mean, boolean same) {
    /**
     * A completion.
     *
     * @param bar its reward between the lowest and the highest of the group, from 0 to 100
     * @param advantage as it was trained with where tokens were traced, else reward minus the group's mean
     */
    record Member(KeptRollout rollout, String address, double bar, String advantage) {}

    static GroupPage of(Work work, Snapshot run, Call call) {
        List<KeptRollout> group = RolloutPage.group(run, call);
        List<KeptRollout> paid =
                group.stream().filter(each -> !Double.isNaN(each.reward())).toList();
        double mean = paid.stream().mapToDouble(KeptRollout::reward).average().orElse(Double.NaN);
        double low =
                Math.min(0, paid.stream().mapToDouble(KeptRollout::reward).min().orElse(0));
        double high = paid.stream().mapToDouble(KeptRollout::reward).max().orElse(1);
        List<Member> members = new ArrayList<>();
        for (KeptRollout each : group) {
            members.add(new Member(
                    each,
                    RolloutPage.address(work.id(), each),
                    Double.isNaN(each.reward()) || high == low ? 0 : 100 * (each.reward() - low) / (high - low),
                    advantage(each, mean)));
        }
        boolean same = paid.size() > 1
                && paid.stream().mapToDouble(KeptRollout::reward).distinct().count() == 1;
        return new GroupPage(work, group.getFirst(), members, mean, same);
    }

    /** The members that a preference pair is suggested of. */
    Map<String, Member> choices() {
        List<Member> byReward = members.stream()
                .sorted(Comparator.comparingDouble(member -> member.rollout().reward()))
                .toList();
        Map<String, Member> choices = new LinkedHashMap<>();
        choices.put("chosen", byReward.getLast());
        choices.put("rejected", byReward.getFirst());
        return choices;
    }

    private static String advantage(KeptRollout rollout, double mean) {
        List<TokenTrace> trace = rollout.trace();
        return trace == null || trace.isEmpty()
                ? Text.number(rollout.reward() - mean) + " against the mean"
                : Text.number(trace.stream()
                                .mapToDouble(TokenTrace::advantage)
                                .average()
                                .orElse(Double.NaN))
                        + " a token";
    }
}
