package org.reft4j.train.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;

/** The results of an experiment as a single web page that needs no network and no other file, in the style of {@link Report}. */
public final class ExperimentPage {
    private ExperimentPage() {}

    /**
     * Writes the page, replacing an older one.
     *
     * @param results lines, comparisons and words, as an experiment reports them
     * @throws RunException if it cannot be written
     */
    public static void write(JsonNode results, Path html) {
        Report.write(
                "experiment.html",
                results.path("name").asText(),
                Report.resource("report-page.js") + Report.resource("experiment.js"),
                Report.resource("report.css") + Report.resource("experiment.css"),
                results,
                html);
    }
}
