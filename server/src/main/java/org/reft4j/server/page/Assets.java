package org.reft4j.server.page;

import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.http.Reply;

/** The scripts and the style of the pages: a fixed list, so that no name of a client becomes a path. */
final class Assets {
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final String JARS = "/META-INF/resources/webjars/";

    private record Asset(String type, String resource) {}

    private static final Map<String, Asset> ALL = Map.ofEntries(
            library("htmx.js", SCRIPT, "htmx.org/2.0.10/dist/htmx.min.js"),
            library("sse.js", SCRIPT, "htmx-ext-sse/2.2.2/sse.js"),
            library("uplot.js", SCRIPT, "uplot/1.6.30/dist/uPlot.iife.min.js"),
            library("uplot.css", STYLE, "uplot/1.6.30/dist/uPlot.min.css"),
            own("page.css", STYLE),
            own("page.js", SCRIPT),
            own("charts.js", SCRIPT),
            own("tools.js", SCRIPT),
            own("newjob.js", SCRIPT),
            own("chat.js", SCRIPT),
            own("collect.js", SCRIPT),
            own("icon.svg", "image/svg+xml"));

    private static Map.Entry<String, Asset> library(String name, String type, String path) {
        return Map.entry(name, new Asset(type, JARS + path));
    }

    private static Map.Entry<String, Asset> own(String name, String type) {
        return Map.entry(name, new Asset(type, name));
    }

    private final Map<String, byte[]> read = new HashMap<>();

    synchronized Reply reply(Call call) throws IOException {
        Asset asset = ALL.get(call.path("name"));
        if (asset == null) {
            throw ApiError.missing("name", null, "The dashboard has no file of this name.");
        }
        byte[] bytes = read.get(call.path("name"));
        if (bytes == null) {
            try (InputStream in = Assets.class.getResourceAsStream(asset.resource())) {
                if (in == null) {
                    throw new IOException("resource " + asset.resource() + " is missing from this build");
                }
                bytes = in.readAllBytes();
                read.put(call.path("name"), bytes);
            }
        }
        return new Reply.Headed(
                Map.of("Cache-Control", "private, max-age=300"), new Reply.Bytes(200, asset.type(), bytes));
    }
}
