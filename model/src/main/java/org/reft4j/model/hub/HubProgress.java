package org.reft4j.model.hub;

/** Listener to the progress of a download. May throw to end it; what has come so far is kept and gone on from. */
@FunctionalInterface
public interface HubProgress {
    /** Tells nobody. */
    HubProgress NONE = (file, done, total) -> {};

    /** @param file as the repository names it; {@code done} and {@code total} are in bytes */
    void at(String file, long done, long total);
}
