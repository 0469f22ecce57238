package org.reft4j.task.grade;

import org.reft4j.ground.settings.SettingException;

/** A grader's description is wrong; the message names the place in it and what is expected there. */
public final class GraderException extends SettingException {
    private static final long serialVersionUID = 1;

    public GraderException(String message) {
        super(message, null);
    }

    /** A value that is refused. */
    public GraderException(String key, String value, String expected) {
        super("", key, value, expected, null);
    }

    public GraderException(String message, Throwable cause) {
        super(message, cause);
    }
}
