package org.reft4j.model.weights;

/** Listener to the progress of long work, in bytes. May throw to end the work, which then leaves no files. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (done, total) -> {};

    void at(long done, long total);
}
