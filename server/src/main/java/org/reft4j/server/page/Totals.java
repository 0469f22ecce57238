package org.reft4j.server.page;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.reft4j.train.run.RolloutBin;
import org.reft4j.train.run.RolloutQuery;
import org.reft4j.train.run.RolloutQuery.Order;

/** Number and histogram of what filters find, which looks at every rollout: kept for further pages until the run moves on. */
final class Totals {
    static final int BARS = 24;
    private static final int KEPT = 64;

    private final Map<Key, Found> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Found> eldest) {
            return size() > KEPT;
        }
    };

    private record Key(String folder, String signature, RolloutQuery query) {}

    record Found(int count, List<RolloutBin> bars) {}

    /** @param query whose order and page do not matter */
    Found of(Snapshot run, RolloutQuery query) {
        RolloutQuery all = query.in(Order.OLDEST).after(0).first(RolloutQuery.ALL.limit());
        Key key = new Key(run.run().folder().toString(), run.signature(), all);
        synchronized (known) {
            Found found = known.get(key);
            if (found != null) {
                return found;
            }
        }
        Found found = new Found(run.run().rolloutCount(all), run.run().rewardHistogram(all, BARS));
        synchronized (known) {
            known.put(key, found);
        }
        return found;
    }
}
