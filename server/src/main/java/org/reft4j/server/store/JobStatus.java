package org.reft4j.server.store;

import java.util.Locale;

/** The states of a job. */
public enum JobStatus {
    /** Its files and settings are still to be checked. */
    VALIDATING_FILES,
    QUEUED,
    RUNNING,
    PAUSED,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** The name in the API and in the database. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static JobStatus of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** True if nothing more will happen to the job. */
    public boolean over() {
        return this == SUCCEEDED || this == FAILED || this == CANCELLED;
    }
}
