package org.reft4j.train.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Rollout;

/**
 * The completions of a step, by question. With {@code rollout.mixed-only} those of questions that were paid unequally, and further questions
 * are asked for those that were not, up to a bound (dynamic sampling, Yu et al. 2025, DAPO, arXiv:2503.14476, section 3.2).
 */
final class GroupSampling {
    /** Of a checkpoint: how many questions have been asked, since refilling asks for more in some steps than in others. */
    private static final String ASKED = "questions-asked";

    private final Questioner questioner;
    private final Grading grading;
    private final Guards guards;
    private final GrpoConfig config;
    /** In the run so far: the position of the next question in the passes over all. */
    private long position;

    GroupSampling(Questioner questioner, Grading grading, Guards guards, GrpoConfig config) {
        this.questioner = questioner;
        this.grading = grading;
        this.guards = guards;
        this.config = config;
    }

    /**
     * What was sampled in a step.
     *
     * @param graded every completion, question by question
     * @param groups those that are learned from, by question: the graded ones of each; where no question was paid unequally, of all
     * @param asked questions
     * @param mixed questions that were paid unequally
     */
    record Sampled(List<Rollout> graded, List<List<Rollout>> groups, int asked, int mixed) {}

    ObjectNode save(ObjectNode state) {
        return state.put(ASKED, position);
    }

    void restore(JsonNode state) {
        position = state.path(ASKED).asLong();
    }

    Sampled sample(PolicyModel policy, int step) {
        RolloutConfig rollout = config.rollout();
        int bound = Math.clamp((long) rollout.questions() * config.refill(), 1, Integer.MAX_VALUE);
        List<Rollout> graded = new ArrayList<>();
        List<List<Rollout>> groups = new ArrayList<>();
        List<List<Rollout>> mixed = new ArrayList<>();
        int asked = 0;
        do {
            int count = Math.min(rollout.questions() - (rollout.mixedOnly() ? mixed.size() : 0), bound - asked);
            List<Rollout> more = questioner.ask(policy, step, position + asked, asked, count, grading, _ -> {});
            graded.addAll(more);
            asked += count;
            var _ = guards.paid(graded, config.guards(), step);
            for (int from = 0; from < more.size(); from += rollout.samples()) {
                List<Rollout> group = more.subList(from, from + rollout.samples()).stream()
                        .filter(Rollout::paid)
                        .toList();
                groups.add(group);
                if (Rollout.unequal(group)) {
                    mixed.add(group);
                }
            }
        } while (rollout.mixedOnly() && mixed.size() < rollout.questions() && asked < bound);
        position += asked;
        return new Sampled(graded, rollout.mixedOnly() && !mixed.isEmpty() ? mixed : groups, asked, mixed.size());
    }
}
