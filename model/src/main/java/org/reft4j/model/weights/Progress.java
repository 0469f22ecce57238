package org.reft4j.model.weights;

/** Is told how far a long piece of work is, in bytes. May throw to end the work, which then leaves nothing behind. */
@FunctionalInterface
public interface Progress {
    /** Tells nobody. */
    Progress NONE = (done, total) -> {};

    void at(long done, long total);
}
