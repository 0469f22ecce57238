package org.reft4j.experiment;

import org.reft4j.train.job.StopSource;
import org.reft4j.train.sample.FolderSampling;

/** Whoever follows an experiment: is told how it goes, and may ask for its end. */
public interface Audience {
    /** Nobody. */
    Audience NONE = new Audience() {
        @Override
        public void remark(String sentence) {}

        @Override
        public Work begin(String work, int done, int total) {
            return new Work() {
                @Override
                public void at(int questions, long tokens) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public StopSource stops() {
            return StopSource.NONE;
        }
    };

    /** A sentence about what is done next. */
    void remark(String sentence);

    /**
     * Work on questions begins; it is closed when the work has ended.
     *
     * @param work what becomes of questions, such as {@code sampled}
     * @param done questions that are done already
     * @param total questions in all
     */
    Work begin(String work, int done, int total);

    /** Requests to stop. */
    StopSource stops();

    /** Progress of work on questions. */
    interface Work extends FolderSampling.Progress, AutoCloseable {
        @Override
        void close();
    }
}
