package org.reft4j.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.reft4j.experiment.Audience;
import org.reft4j.train.run.Results;

/** Shows how sampling, or other work on questions, goes on: on a terminal one line that is drawn again and again, elsewhere a line now and then. */
final class SampleDisplay implements Audience.Work {
    private static final long BETWEEN_LINES = TimeUnit.SECONDS.toNanos(5);
    private static final long BETWEEN_DRAWINGS = TimeUnit.MILLISECONDS.toNanos(200);

    private final String work;
    private final PrintWriter err;
    private final Terminal terminal;
    private final LongSupplier nanos;
    private final int done;
    private final int total;
    private final long begin;
    private long shownAt;
    private boolean drawn;

    /** A display for sampling. */
    SampleDisplay(PrintWriter err, Terminal terminal, LongSupplier nanos, int done, int total) {
        this("sampled", err, terminal, nanos, done, total);
    }

    /**
     * @param work the kind of work as a past participle, such as {@code sampled}
     * @param done number of questions stored before
     * @param total number of all questions
     * @param nanos the clock
     */
    SampleDisplay(String work, PrintWriter err, Terminal terminal, LongSupplier nanos, int done, int total) {
        this.work = work;
        this.err = err;
        this.terminal = terminal;
        this.nanos = nanos;
        this.done = done;
        this.total = total;
        this.begin = nanos.getAsLong();
        this.shownAt = begin;
    }

    @Override
    public void at(int questions, long tokens) {
        long now = nanos.getAsLong();
        if (questions < total && now - shownAt < (terminal.live() ? BETWEEN_DRAWINGS : BETWEEN_LINES)) {
            return;
        }
        shownAt = now;
        String text = text(questions, tokens, (now - begin) / 1e9);
        if (terminal.live()) {
            err.print("\r\u001b[K" + text.substring(0, Math.min(text.length(), terminal.columns() - 1)));
            drawn = true;
        } else {
            err.println(text);
        }
        err.flush();
    }

    private String text(int questions, long tokens, double seconds) {
        String text = String.format(Locale.ROOT, "%d of %d questions %s", questions, total, work)
                + (tokens == 0 ? "" : String.format(Locale.ROOT, ", %.0f tokens/s", tokens / seconds));
        int here = questions - done;
        return here == 0 || questions == total
                ? text
                : text + ", left " + Results.duration(seconds * (total - questions) / here);
    }

    /** Leaves the last state on the screen. */
    @Override
    public void close() {
        if (drawn) {
            err.println();
            err.flush();
        }
    }
}
