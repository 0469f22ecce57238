package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.text.StringEscapeUtils;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;

/** One or several runs as a single web page that needs no network and no other file. */
public final class Report {
    private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/dist/";

    private Report() {}

    /**
     * A run as it is called on the page.
     *
     * @param label short, such as {@code ReFT}
     */
    public record Labelled(String label, RunReader run) {}

    /**
     * Writes the page, replacing an older one.
     *
     * @param runs shown in one colour each, in this order
     * @param resultsJson accuracies with intervals to show on top, as {@code reft quickstart} writes them: {@code warmup}, {@code sft} and
     *     {@code reft} with {@code accuracy, correct, total, low, high}; {@code gain} with {@code value, low, high, p}; {@code seed};
     *     {@code seconds} by phase
     * @throws RunException if a run cannot be read, or the page not be written
     */
    public static void write(List<Labelled> runs, Path html, Optional<String> resultsJson) {
        String title = String.join(", ", runs.stream().map(Labelled::label).toList());
        JsonNode data = ReportContents.of(runs, resultsJson.map(Report::parsed));
        write(
                "report.html",
                title,
                resource("report-page.js") + resource("report-charts.js") + resource("report-rollouts.js"),
                resource("report.css"),
                data,
                html);
    }

    /** Fills a page's template and writes it. */
    static void write(String template, String title, String script, String style, JsonNode data, Path html) {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("title", StringEscapeUtils.escapeHtml4(title));
        parts.put("chart-style", resource(UPLOT + "uPlot.min.css"));
        parts.put("style", style);
        parts.put("chart-script", resource(UPLOT + "uPlot.iife.min.js"));
        parts.put("chart-licence", resource("/META-INF/resources/webjars/uplot/1.6.30/LICENSE"));
        parts.put("script", script);
        parts.put("data", inert(data));
        try {
            Path parent = html.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            DurableFiles.write(html, filled(resource(template), parts));
        } catch (IOException e) {
            throw RunException.of("cannot write", html, e);
        }
    }

    /** JSON that is safe in a script element: no completion can close the element or open a comment in it. */
    static String inert(JsonNode data) {
        return data.toString()
                .replace("<", "\\u003c")
                .replace(">", "\\u003e")
                .replace("&", "\\u0026")
                .replace("\u2028", "\\u2028")
                .replace("\u2029", "\\u2029");
    }

    /** Puts every part in the place of its {@code {{name}}}; what parts hold is not looked at again. */
    private static String filled(String template, Map<String, String> parts) {
        StringBuilder page = new StringBuilder();
        int at = 0;
        while (true) {
            int open = template.indexOf("{{", at);
            if (open < 0) {
                return page.append(template, at, template.length()).toString();
            }
            int close = template.indexOf("}}", open);
            String name = template.substring(open + 2, close);
            page.append(template, at, open).append(parts.getOrDefault(name, ""));
            at = close + 2;
        }
    }

    private static JsonNode parsed(String resultsJson) {
        try {
            return Json.PLAIN.readTree(resultsJson);
        } catch (JsonProcessingException e) {
            throw new RunException("the results to report are not JSON: " + e.getOriginalMessage(), e);
        }
    }

    static String resource(String name) {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new RunException("resource " + name + " is missing from this build; build it again");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new RunException("cannot read resource " + name + ": " + e.getMessage(), e);
        }
    }
}
