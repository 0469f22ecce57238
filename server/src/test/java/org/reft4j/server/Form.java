package org.reft4j.server;

import java.net.http.HttpRequest;

/** Multipart bodies, written by hand so that every form of them can be tried. */
public final class Form {
    private static final String BOUNDARY = "b0undary";

    private Form() {}

    /** A training file with its purpose. */
    public static HttpRequest.Builder of(HttpRequest.Builder request, String filename, String content) {
        return of(request, part("purpose", "fine-tune") + file("file", filename, content));
    }

    /** A body of {@link #part} and {@link #file}. */
    public static HttpRequest.Builder of(HttpRequest.Builder request, String parts) {
        return request.header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(HttpRequest.BodyPublishers.ofString(parts + "--" + BOUNDARY + "--\r\n"));
    }

    public static String part(String name, String value) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    /** A file; without a name where the name is empty. */
    public static String file(String field, String filename, String content) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + field + "\""
                + (filename.isEmpty() ? "" : "; filename=\"" + filename + "\"")
                + "\r\nContent-Type: application/octet-stream\r\n\r\n" + content + "\r\n";
    }
}
