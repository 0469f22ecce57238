package org.reft4j.train.job;

/** A source of requests to stop, such as Ctrl-C: while work goes on that can end in good order, it listens. */
@FunctionalInterface
public interface StopSource {
    /** Nobody asks for an end. */
    StopSource NONE = _ -> new Watch() {
        @Override
        public boolean asked() {
            return false;
        }

        @Override
        public void close() {}
    };

    /**
     * Listens until it is closed, which says that the work has ended.
     *
     * @param stop asks the work to end; called on another thread, at most once
     */
    Watch watch(Runnable stop);

    /** One piece of work that can be stopped. */
    interface Watch extends AutoCloseable {
        /** True once a stop was requested. */
        boolean asked();

        @Override
        void close();
    }
}
