package org.reft4j.train.learn;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.EpochBatches;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.RolloutConfig;
import org.reft4j.train.settings.StoredSamplesConfig;

/** Numbers of rows, steps and updates of a run that has not begun, in sentences and as counts. A recipe's {@code plan} fills it. */
public final class BatchArithmetic {
    private static final String UPDATES = "updates-per-step";

    private final List<String> sentences = new ArrayList<>();
    private final Map<String, Long> counts = new LinkedHashMap<>();
    private final RecipeConfig config;
    private final MemoryPlan memory;
    private Work work = Work.NONE;

    public BatchArithmetic(RecipeConfig config, MemoryPlan memory) {
        this.config = config;
        this.memory = memory;
    }

    /**
     * The rows that go through the model in a whole run, from which its time is estimated.
     *
     * @param prompts prompts that are read before sampling; the samples of one question share it
     * @param sampled sampled completions
     * @param scored rows with a forward pass only
     * @param trained rows with forward and backward pass
     * @param updates number of optimiser updates
     */
    public record Work(double prompts, double sampled, double scored, double trained, double updates) {
        /** The work of a run of which nothing is known. */
        public static final Work NONE = new Work(0, 0, 0, 0, 0);
    }

    /** Number of annotated training rows. */
    public static long annotated(Dataset data) {
        return data.train().stream().mapToLong(Question::targets).sum();
    }

    /** Adds a sentence. */
    @FormatMethod
    public void say(@FormatString String format, Object... values) {
        sentences.add(String.format(Locale.ROOT, format, values));
    }

    /** Adds a number by its name, for programs; {@code steps} or {@code steps-at-most} is the length of the run. */
    public void count(String name, long number) {
        counts.put(name, number);
    }

    public void takes(Work whole) {
        work = whole;
    }

    /** The work of a recipe that learns from stored rows, one update a step. */
    public void takes(double scored, double trained, long steps) {
        takes(new Work(0, 0, scored, trained, steps));
    }

    /**
     * Says how many completions a step samples.
     *
     * @return their number
     */
    public long rollouts(RolloutConfig rollout) {
        long rollouts = rollout.rollouts();
        say(
                "%d questions x %d samples = %d rollouts a step, each at most %d tokens with its prompt",
                rollout.questions(), rollout.samples(), rollouts, rollout.maxTotalTokens());
        count("rollouts-per-step", rollouts);
        if (rollout.mixedOnly()) {
            say(
                    "questions whose completions are all paid alike are left out: what follows is the most that is learned from");
        }
        return rollouts;
    }

    /**
     * Says how a step's rollouts are divided among updates.
     *
     * @param epochsName such as {@code PPO epochs}
     * @return number of updates of a step
     */
    public long updates(long rollouts, int minibatch, int epochs, String epochsName) {
        long minibatches = rollouts / minibatch;
        long updates = minibatches * epochs;
        say(
                "%d rollouts / %d a minibatch = %d minibatches, x %d %s = %d updates a step",
                rollouts, minibatch, minibatches, epochs, epochsName, updates);
        count("minibatches-per-step", minibatches);
        count(UPDATES, updates);
        return updates;
    }

    /**
     * Says how many steps a run has that samples in each, and how its work goes through the model.
     *
     * @param questions number of training questions
     * @param updates number of updates of a step
     */
    public void steps(long questions, RolloutConfig rollout, long steps, long updates) {
        long perEpoch = Math.ceilDiv(Math.max(1, questions), rollout.questions());
        say("%d training questions / %d a step = %d steps an epoch", questions, rollout.questions(), perEpoch);
        say(
                "%d steps = %d rollouts, %d updates, %.2f epochs",
                steps, steps * rollout.rollouts(), steps * updates, (double) steps / perEpoch);
        count("questions", questions);
        count("steps-per-epoch", perEpoch);
        count("steps", steps);
        parts("rollouts are sampled %d at a time and trained on", Math.min(rollout.batch(), rollout.rollouts()));
    }

    /**
     * The work of a recipe that samples in each step.
     *
     * @param scored forward passes of each rollout
     * @param trained forward and backward passes of each rollout
     * @param updates number of optimiser updates of a step
     */
    public void takes(RolloutConfig rollout, long steps, int scored, int trained, long updates) {
        double prompts = (double) steps * rollout.questions();
        double sampled = (double) steps * rollout.rollouts();
        takes(new Work(prompts, sampled, sampled * scored, sampled * trained, (double) steps * updates));
    }

    /** Says that there is an update in each step, and how its batch goes through the model. */
    public void oneUpdateEach() {
        parts("a batch goes through the model");
        count(UPDATES, 1);
    }

    /**
     * Says how many items stored samples make, and how many steps these.
     *
     * @return number of steps
     */
    public long stored(StoredSamplesConfig stored, List<List<ScoredSample>> samples) {
        long all = samples.stream().mapToLong(List::size).sum();
        long right = samples.stream()
                .flatMap(List::stream)
                .filter(ScoredSample::right)
                .count();
        long units = samples.stream().mapToLong(stored::units).sum();
        int steps = new EpochBatches(units, stored.batch(), stored.epochs()).steps();
        say(
                "%d stored samples of %d questions or pairs, %d of them right, make at most %d %s",
                all, samples.size(), right, units, stored.unit());
        say(
                "%d %s / %d a batch x %s epochs = at most %d steps, one update each",
                units, stored.unit(), stored.batch(), Results.plain(stored.epochs()), steps);
        parts("a batch goes through the model");
        count("samples", all);
        count("right", right);
        count(stored.unit() + "-at-most", units);
        count("steps-at-most", steps);
        count(UPDATES, 1);
        return steps;
    }

    /** Says how rows are cut into parts by memory. */
    @FormatMethod
    public void parts(@FormatString String format, Object... values) {
        String again;
        if (memory.isKnown()) {
            again = memory.checkpointing() ? "; activations are computed a second time instead of kept" : "";
        } else {
            again = "; with auto, fewer where memory asks for it";
        }
        say(
                "%s in parts of at most %d tokens (padding included)%s",
                String.format(Locale.ROOT, format, values), memory.microBatchTokens(), again);
    }

    /** Everything that was said, and of adapters how large they are. */
    public List<String> sentences() {
        List<String> all = new ArrayList<>(sentences);
        LoraConfig lora = config.lora();
        if (lora != null && memory.isKnown()) {
            all.add(String.format(
                    Locale.ROOT,
                    "trained are adapters of rank %d, about %s parameters; the %s of the model are frozen",
                    lora.rank(),
                    plainCount(memory.trained()),
                    plainCount(memory.parameters())));
        }
        return all;
    }

    /** The numbers by name. */
    public Map<String, Long> counts() {
        return counts;
    }

    public Work work() {
        return work;
    }

    /** Such as {@code 7.2 million}. */
    public static String plainCount(long count) {
        return count < 1_000_000 ? Long.toString(count) : String.format(Locale.ROOT, "%.1f million", count / 1e6);
    }
}
