package org.reft4j.server.engine;

import java.util.List;

/** Gives sampling and training, and the models among themselves, their fair share of the one thread. */
final class Turns {
    private long sampled;
    private long trained;
    private int sampler;
    private int trainer;

    /** Does the next piece of work; false if there is none. */
    boolean next(List<LiveModel> models) {
        List<LiveModel> sampling = models.stream().filter(LiveModel::samples).toList();
        List<LiveModel> changing = models.stream().filter(LiveModel::changes).toList();
        if (sampling.isEmpty() || changing.isEmpty()) {
            // Who has it to himself owes nothing later.
            sampled = 0;
            trained = 0;
        }
        long start = System.nanoTime();
        if (!changing.isEmpty() && (sampling.isEmpty() || trained <= sampled)) {
            LiveModel model = changing.get(trainer++ % changing.size());
            model.base().unpack();
            model.change();
            trained += System.nanoTime() - start;
            return true;
        }
        if (!sampling.isEmpty()) {
            LiveModel model = sampling.get(sampler++ % sampling.size());
            model.base().pack();
            model.advance();
            sampled += System.nanoTime() - start;
            return true;
        }
        return false;
    }
}
