package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.reft4j.model.GradientPlan;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.tensor.FreedMemory;
import org.reft4j.tensor.OutOfMemory;
import org.reft4j.tensor.Place;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;

/**
 * Micro-batch size in tokens. Starts from the memory plan; halves and retries on out-of-memory. Saved in checkpoints, because a different
 * size changes rounding.
 */
public final class MicroBatches implements Checkpointed {
    private static final String KEY = "micro-batch-tokens";
    private static final String CHECKPOINTING = "activation-checkpointing";
    /** Smaller parts save nothing: a row is not cut. */
    private static final int SMALLEST = 16;

    private final Place place;
    private final Consumer<RunEvent> warned;
    private boolean checkpointing;
    private int tokens;
    private int step;

    /** @param place of the models */
    public MicroBatches(MemoryPlan plan, Place place, Run run) {
        this(plan.microBatchTokens(), plan.checkpointing(), place, run::emit);
    }

    /**
     * @param place of the models
     * @param warned told when memory runs out
     */
    public MicroBatches(int tokens, boolean checkpointing, Place place, Consumer<RunEvent> warned) {
        this.tokens = tokens;
        this.checkpointing = checkpointing;
        this.place = place;
        this.warned = warned;
    }

    /** As a checkpoint left them; a checkpoint that does not say had these. */
    @Override
    public void restore(JsonNode state) {
        tokens = state.path(KEY).asInt(tokens);
        checkpointing = state.path(CHECKPOINTING).asBoolean(checkpointing);
    }

    @Override
    public void save(ObjectNode state) {
        state.put(KEY, tokens).put(CHECKPOINTING, checkpointing);
    }

    /** The number of tokens that go through the model at once now. */
    public int tokens() {
        return tokens;
    }

    /** Makes a model compute gradients as planned. */
    public void apply(PolicyModel model) {
        model.plan(new GradientPlan(checkpointing, GradientPlan.LOGIT_BYTES));
    }

    /** Makes a classifier compute gradients as planned. */
    public void apply(SequenceClassifier model) {
        model.plan(new GradientPlan(checkpointing, GradientPlan.LOGIT_BYTES));
    }

    /** Begins a step, which warnings are about; the memory that the one before left goes back to the system. */
    void begin(int number) {
        step = number;
        FreedMemory.giveBack(place);
    }

    /**
     * Runs work with the current micro-batch size; on out-of-memory it halves the size and runs the work again from its beginning.
     *
     * @param work must begin from a clean state, such as cleared gradients
     */
    <T> T fit(IntFunction<T> work) {
        while (true) {
            try {
                return work.apply(tokens);
            } catch (RuntimeException e) {
                if (!OutOfMemory.caused(e) || tokens / 2 < SMALLEST) {
                    throw e;
                }
                FreedMemory.giveBack(place);
                tokens /= 2;
                warned.accept(new RunEvent.Warned(
                        step,
                        "out of memory for tensors; going on with micro-batches of at most " + tokens + " tokens"));
            }
        }
    }
}
