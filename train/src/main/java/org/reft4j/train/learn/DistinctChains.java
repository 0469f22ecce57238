package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.reft4j.train.rollout.Rollout;

/**
 * Counts the different correct chains of thought that a run has found: what reinforced fine-tuning learns from and supervised training
 * has only one of per question (ReFT, section 1). A chain counts once per question, by its stripped text.
 */
final class DistinctChains implements Checkpointed {
    private final Set<Long> chains = new LinkedHashSet<>();
    private final Set<Long> questions = new LinkedHashSet<>();

    /**
     * Adds the right chains of a step.
     *
     * @return the number of new ones
     */
    int add(List<Rollout> graded) {
        int before = chains.size();
        for (Rollout rollout : graded) {
            if (rollout.grade().right()) {
                String id = rollout.question().id();
                questions.add(hash(id));
                chains.add(hash(id) * 31 + hash(rollout.text().strip()));
            }
        }
        return chains.size() - before;
    }

    int total() {
        return chains.size();
    }

    /** Chains for each question that was answered at all. */
    double perQuestion() {
        return questions.isEmpty() ? 0 : (double) chains.size() / questions.size();
    }

    /** 64-bit FNV-1a: a collision would miscount by one. */
    private static long hash(String text) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash;
    }

    @Override
    public void save(ObjectNode state) {
        ArrayNode list = state.putArray("chains");
        chains.forEach(list::add);
        ArrayNode answered = state.putArray("questions");
        questions.forEach(answered::add);
    }

    @Override
    public void restore(JsonNode state) {
        state.path("chains").forEach(node -> chains.add(node.asLong()));
        state.path("questions").forEach(node -> questions.add(node.asLong()));
    }
}
