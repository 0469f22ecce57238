package org.reft4j.server.engine;

import java.nio.file.Path;
import java.util.List;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.train.learn.AdamW;
import org.reft4j.train.learn.Learner;
import org.reft4j.train.learn.MicroBatches;
import org.reft4j.train.run.Run;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.OptimizerConfig;

/**
 * A learner that is to be made.
 *
 * @param seed of the adapter's first numbers; the same as of a run's {@code seed}
 * @param microBatchTokens tokens that go through the model at once in training, at most
 */
public record NewAdapter(LoraConfig lora, long seed, int microBatchTokens) {
    /** Tokens of a micro-batch unless another number is asked for. */
    public static final int MICRO_BATCH_TOKENS = 1024;

    LiveModel on(SharedModel base) {
        Seeds seeds = new Seeds(seed);
        String path = base.texts().base().path().toAbsolutePath().normalize().toString();
        AdaptedDecoder decoder =
                Adapters.beside(base.decoder(), lora.adapter(path), layer -> seeds.key(Seeds.Purpose.ADAPTER, layer));
        return learning(base, decoder, microBatchTokens);
    }

    /** A learner with the weights and, if it is wanted, the optimiser's state of a folder. */
    static LiveModel restored(SharedModel base, Path folder, boolean optimizer) {
        AdaptedDecoder decoder = Adapters.beside(base.decoder(), AdapterFolder.open(folder));
        LiveModel model = learning(base, decoder, MICRO_BATCH_TOKENS);
        try {
            Run.Checkpoint checkpoint = new Run.Checkpoint(0, folder, Double.NaN);
            model.learner().restoreHead(checkpoint);
            if (optimizer) {
                model.learner().restore(checkpoint);
            }
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
        return model;
    }

    private static LiveModel learning(SharedModel base, AdaptedDecoder decoder, int tokens) {
        PolicyModel policy = PolicyModel.of(decoder);
        MicroBatches memory = new MicroBatches(tokens, /* checkpointing */ false, decoder.place(), _ -> {});
        memory.apply(policy);
        AdamW optimizer = new AdamW(policy.trained(), List.of(), 1, OptimizerConfig.SFT);
        return new LiveModel(base, decoder, new Learner(policy, optimizer, memory));
    }
}
