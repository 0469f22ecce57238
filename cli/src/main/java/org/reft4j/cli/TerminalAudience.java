package org.reft4j.cli;


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
