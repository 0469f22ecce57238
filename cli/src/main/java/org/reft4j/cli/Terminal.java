package org.reft4j.cli;

import java.util.Map;
import org.reft4j.experiment.Audience;
import org.reft4j.train.job.StopSource;

/**
 * Abilities of the user's terminal. The launcher tells whether standard error is a terminal, since Java cannot.
 *
 * @param live true if a line can be redrawn
 * @param columns its width
 * @param colour true if colours may be used
 */
record Terminal(boolean live, int columns, boolean colour) {
    private static final int DEFAULT_COLUMNS = 100;

    /** A file or a pipe. */
    static final Terminal NONE = new Terminal(false, DEFAULT_COLUMNS, false);

    static Terminal current() {
        return of(System.getProperty("reft4j.terminal", ""), System.getenv());
    }

    /**
     * @param launcher width of the terminal that standard error is, or nothing
     */
    static Terminal of(String launcher, Map<String, String> environment) {
        if (launcher.isEmpty() || "dumb".equals(environment.get("TERM"))) {
            return NONE;
        }
        int columns = launcher.matches("[1-9][0-9]{1,4}") ? Integer.parseInt(launcher) : DEFAULT_COLUMNS;
        String noColour = environment.getOrDefault("NO_COLOR", "");
        return new Terminal(true, columns, noColour.isEmpty());
    }

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
}
