package org.reft4j.train.run;

/** Watches a run as it goes, such as a progress display. Called on the thread that emits; should return quickly. */
@FunctionalInterface
public interface RunListener {
    void on(RunEvent event);
}
