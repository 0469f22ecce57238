package org.reft4j.train.recipe;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.decoder.PolicyModel;
import org.reft4j.train.run.Run;

/**
 * A critic that shares nothing with the policy: a copy of the warm-up model with a value head, and an optimiser of its own (the paper's
 * ablation). Stored in {@code trainer/critic/} of a checkpoint, as a checkpoint itself.
 *
 * @param model decoder and value head; owned
 * @param optimizer of both; owned
 */
record SeparateCritic(PolicyModel model, AdamW optimizer) implements AutoCloseable {
    private static final String FOLDER = "trainer/critic";

    /** From the newest checkpoint or as configured; {@code null} where policy and critic share their trunk. */
    static @Nullable SeparateCritic open(ReftConfig config, Setup setup, Run run) {
        if (!config.separateCritic()) {
            return null;
        }
        Optional<Run.Checkpoint> stored =
                run.latest().map(all -> new Run.Checkpoint(all.step(), folder(all.folder()), all.score()));
        PolicyModel model = setup.policyWithValueHead(stored, config.valueHead() == ReftConfig.ValueHead.ZERO);
        AdamW optimizer = new AdamW(model.trained(), model.valueHead(), config.criticRate(), config.optimizer());
        SeparateCritic critic = new SeparateCritic(model, optimizer);
        try {
            stored.ifPresent(checkpoint -> TrainerState.restore(optimizer, checkpoint));
        } catch (RuntimeException e) {
            critic.close();
            throw e;
        }
        return critic;
    }

    /** Where it is in a checkpoint. */
    static Path folder(Path checkpoint) {
        return checkpoint.resolve(FOLDER);
    }

    @Override
    public void close() {
        optimizer.close();
        model.close();
    }
}
