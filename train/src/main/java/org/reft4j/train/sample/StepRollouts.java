package org.reft4j.train.sample;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.reft4j.model.SequenceClassifier.Passage;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.StepSplit;
import org.reft4j.train.rollout.Asker;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.Passages;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.Rollout;
import org.reft4j.train.rollout.SampledQuestion;

/**
 * Labels of steps without people (Math-Shepherd; Wang et al. 2023, arXiv:2312.08935, section 3.3): after each step, a model completes the
 * chain a number of times, and the step's label is the share of right answers. After the last step nothing is left to complete: its label
 * is that of the chain's own answer. Labels are a function of the model, the settings, the question's place and the sample's number. Owns
 * none of its arguments.
 */
public final class StepRollouts {
    private final Passages passages;
    private final Asker asker;
    private final SamplingConfig sampling;
    private final Grading grading;
    private final Keys keys;
    private final int rollouts;

    /**
     * @param passages passages with labels of steps
     * @param asker samples with the same prompts as the passages
     * @param rollouts number of completions after each step
     */
    public StepRollouts(
            Passages passages, Asker asker, SamplingConfig sampling, Grading grading, Keys keys, int rollouts) {
        this.passages = passages;
        this.asker = asker;
        this.sampling = sampling;
        this.grading = grading;
        this.keys = keys;
        this.rollouts = rollouts;
    }

    /** Key of the random numbers of a completion. */
    @FunctionalInterface
    public interface Keys {
        long of(int question, int sample, int step, int rollout);
    }

    /** The chains of a question that are labelled: its first samples that could be graded, each text once, and none that is empty. */
    public static List<KeptRollout> chains(SampledQuestion question, int most) {
        Set<String> texts = new HashSet<>();
        return question.samples().stream()
                .filter(sample -> !sample.failed())
                .filter(sample -> !sample.completion().isBlank())
                .filter(sample -> texts.add(sample.completion().strip()))
                .limit(most)
                .toList();
    }

    /** A step of which rollouts are made. */
    private record Prefix(int chain, int step, Tokens prompt, Tokens done) {}

    /**
     * Labels the chains of one question.
     *
     * @param place index of the question among all
     * @return a line of a label file for each; see {@link StepLabels}
     */
    public List<ObjectNode> label(int place, Question question, List<KeptRollout> chains) {
        List<Prefix> prefixes = new ArrayList<>();
        List<int[]> right = new ArrayList<>();
        for (int c = 0; c < chains.size(); c++) {
            Passage passage = passages.of(question, chains.get(c).completion());
            int steps = steps(chains.get(c)).size();
            right.add(new int[steps]);
            right.getLast()[steps - 1] = chains.get(c).right() ? rollouts : 0;
            for (int s = 0; s < Math.min(passage.ends().size(), steps - 1); s++) {
                prefixes.add(new Prefix(
                        c,
                        s,
                        passage.prompt(),
                        passage.chain().slice(0, passage.ends().get(s))));
            }
        }
        List<Rollout> graded = graded(place, question, chains, prefixes);
        for (int i = 0; i < graded.size(); i++) {
            Prefix prefix = prefixes.get(i / rollouts);
            if (graded.get(i).grade().right()) {
                right.get(prefix.chain())[prefix.step()]++;
            }
        }
        List<ObjectNode> lines = new ArrayList<>();
        for (int c = 0; c < chains.size(); c++) {
            lines.add(line(chains.get(c), right.get(c)));
        }
        return lines;
    }

    private List<Rollout> graded(int place, Question question, List<KeptRollout> chains, List<Prefix> prefixes) {
        List<Asker.Wanted> wanted = new ArrayList<>();
        for (Prefix prefix : prefixes) {
            Prompts.Start start = Prompts.goingOn(question, prefix.prompt(), prefix.done());
            for (int r = 0; r < rollouts; r++) {
                long key = keys.of(place, chains.get(prefix.chain()).sample(), prefix.step(), r);
                wanted.add(new Asker.Wanted(start, r, key));
            }
        }
        return wanted.isEmpty() ? List.of() : asker.ask(wanted, sampling, grading, Asker.Listener.NONE);
    }

    private List<StepSplit.Step> steps(KeptRollout chain) {
        return StepSplit.of(passages.cot()).steps(chain.completion());
    }

    private ObjectNode line(KeptRollout chain, int[] right) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("item_id", chain.questionId());
        json.put("sample", chain.sample());
        json.put("completion", chain.completion());
        ArrayNode texts = json.putArray("steps");
        steps(chain).forEach(step -> texts.add(chain.completion().substring(step.start(), step.end())));
        ArrayNode counts = json.putArray("right");
        for (int count : right) {
            counts.add(count);
        }
        return json.put("rollouts", rollouts);
    }
}
