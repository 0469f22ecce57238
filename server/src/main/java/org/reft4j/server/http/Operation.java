package org.reft4j.server.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An operation of the API's document, bound to its handler. */
final class Operation {
    private static final Pattern PARAMETER = Pattern.compile("\\{([^}]+)}");

    private final String id;
    private final String method;
    private final String template;
    private final Access access;
    private final Body body;
    private final Endpoint handler;
    private final List<String> names = new ArrayList<>();
    private final Pattern pattern;

    /** The key that an operation needs. */
    enum Access {
        PUBLIC,
        READ,
        WRITE,
        ADMIN
    }

    /** The size that a body may have. */
    enum Body {
        VALUE,
        FILE
    }

    /**
     * @param template a path such as {@code /v1/files/{file_id}}
     * @param slashes names of parameters whose values may hold slashes
     */
    Operation(
            String id,
            String method,
            String template,
            Set<String> slashes,
            Access access,
            Body body,
            Endpoint handler) {
        this.id = id;
        this.method = method;
        this.template = template;
        this.access = access;
        this.body = body;
        this.handler = handler;
        StringBuilder regex = new StringBuilder();
        Matcher parameters = PARAMETER.matcher(template);
        int from = 0;
        while (parameters.find()) {
            regex.append(Pattern.quote(template.substring(from, parameters.start())));
            String name = parameters.group(1);
            names.add(name);
            regex.append(slashes.contains(name) ? "(.+)" : "([^/]+)");
            from = parameters.end();
        }
        this.pattern = Pattern.compile(
                regex.append(Pattern.quote(template.substring(from))).toString());
    }

    String id() {
        return id;
    }

    String method() {
        return method;
    }

    String template() {
        return template;
    }

    Access access() {
        return access;
    }

    Body body() {
        return body;
    }

    Endpoint handler() {
        return handler;
    }

    /** The names of the parameters in the path, in order. */
    List<String> names() {
        return names;
    }

    /** Compares a raw path, one group for each name. */
    Matcher matcher(String rawPath) {
        return pattern.matcher(rawPath);
    }
}
