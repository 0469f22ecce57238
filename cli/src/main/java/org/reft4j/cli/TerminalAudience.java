package org.reft4j.cli;

import org.reft4j.experiment.Audience;
import org.reft4j.train.job.StopSource;

/** A terminal that follows an experiment, and the person in front of it, who may press Ctrl-C. */
record TerminalAudience(Output output) implements Audience {
    @Override
    public void remark(String sentence) {
        output.remark("%s", sentence);
    }

    @Override
    public Work begin(String work, int done, int total) {
        return new SampleDisplay(work, output.err(), Terminal.current(), System::nanoTime, done, total);
    }

    @Override
    public StopSource stops() {
        return Interruption::on;
    }
}
