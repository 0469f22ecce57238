package org.reft4j.task.grade;

/** A grader's description is wrong; the message names the place in it and what is expected there. */
public final class GraderException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public GraderException(String message) {
        super(message);
    }

    public GraderException(String message, Throwable cause) {
        super(message, cause);
    }
}
