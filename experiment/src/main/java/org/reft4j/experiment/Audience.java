package org.reft4j.experiment;

import org.reft4j.train.job.StopSource;
import org.reft4j.train.sample.FolderSampling;

/** Observer of an experiment: gets its progress, and can stop it. */
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
     * Announces work on questions; the result is closed when the work has ended.
     *
     * @param work the kind of work as a past participle, such as {@code sampled}
     * @param done number of questions already done
     * @param total number of all questions
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
