package org.reft4j.server.page;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A line of the list of jobs about something that a person should look at.
 *
 * @param title a few words
 * @param text the reason, or what to do
 */
record Alert(Work work, String title, String text) {
    /** Who has not looked at a failure within a week will not look at it. */
    private static final Duration REMEMBERED = Duration.ofDays(7);

    private static final int SHOWN = 12;
    private static final int CHARACTERS = 300;

    /** Failures of late, and figures out of their range of what is under way, the newest first. */
    static List<Alert> of(List<Work> works, Instant now) {
        List<Alert> alerts = new ArrayList<>();
        for (Work work : works) {
            boolean fresh = work.moved().isAfter(now.minus(REMEMBERED));
            switch (work.state()) {
                case FAILED -> {
                    if (fresh) {
                        alerts.add(new Alert(work, "failed", reason(work)));
                    }
                }
                case SILENT -> {
                    if (fresh) {
                        alerts.add(new Alert(work, "no news", work.advice()));
                    }
                }
                case CHECKING, QUEUED, RUNNING, PAUSED -> work.snapshot().ifPresent(run -> figures(work, run, alerts));
                case DONE, CANCELLED -> {}
            }
        }
        return alerts.subList(0, Math.min(SHOWN, alerts.size()));
    }

    private static String reason(Work work) {
        String error = work.job()
                .flatMap(JobTable.Entry::error)
                .or(() -> work.snapshot()
                        .filter(run -> !run.warnings().isEmpty())
                        .map(run -> run.warnings().getLast().message()))
                .orElse("Its events say why.");
        return Text.excerpt(error, CHARACTERS);
    }

    private static void figures(Work work, Snapshot run, List<Alert> alerts) {
        for (Gauge gauge : Gauge.of(run)) {
            if (gauge.odd()) {
                alerts.add(new Alert(
                        work, gauge.name() + " is " + gauge.value() + ", normal is " + gauge.normal(), gauge.advice()));
            }
        }
        Advice.of(run).forEach(advice -> alerts.add(new Alert(work, advice.title(), "")));
    }
}
