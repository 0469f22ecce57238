package org.reft4j.template;

/** Something that a template may not do. Whoever knows template and line makes it a {@link TemplateException}. */
final class TemplateFault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TemplateFault(String reason) {
        super(reason);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
