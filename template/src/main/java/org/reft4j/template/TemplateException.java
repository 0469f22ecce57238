package org.reft4j.template;

import org.jspecify.annotations.Nullable;

/** A conversation that cannot be rendered or cut into turns. The message names the template, the line and the reason. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    /** Exception for a conversation that a template cannot be used for. */
    public TemplateException(String message) {
        super(message);
        this.reason = message;
    }

    TemplateException(String template, int line, String reason, @Nullable Throwable cause) {
        super(template + ", line " + line + ": " + reason, cause);
        this.reason = reason;
    }

    /** Message without the place; where the template itself refuses a conversation, its own words. */
    public String reason() {
        return reason;
    }
}
