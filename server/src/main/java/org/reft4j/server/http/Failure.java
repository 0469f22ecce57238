package org.reft4j.server.http;

import java.io.PrintWriter;
import java.io.StringWriter;

/** A fault of the server itself, for its log. */
final class Failure {
    private Failure() {}

    static String text(Throwable failure) {
        StringWriter text = new StringWriter();
        StackTraceElement[] trace = failure.getStackTrace();
        try (PrintWriter out = new PrintWriter(text)) {
            for (Throwable each = failure; each != null; each = each.getCause()) {
                out.println(each);
            }
            for (StackTraceElement element : trace) {
                out.println("    at " + element);
            }
        }
        return text.toString();
    }
}
