package org.reft4j.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.reft4j.server.http.RequestLog;

/** The figures of the server for Prometheus. Its own client library is a tenth of Micrometer's, and nobody here needs another format. */
public final class Figures implements RequestLog {
    static final String TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter requests = Counter.builder()
            .withoutExemplars()
            .name("reft_http_requests")
            .help("Requests by operation and status")
            .labelNames("operation", "status")
            .register(registry);
    private final Histogram seconds = Histogram.builder()
            .withoutExemplars()
            .name("reft_http_request_seconds")
            .help("Time to the end of the reply by operation")
            .unit(Unit.SECONDS)
            .classicOnly()
            .labelNames("operation")
            .register(registry);
    private final Counter received = Counter.builder()
            .withoutExemplars()
            .name("reft_http_received_bytes")
            .help("Bytes of bodies received")
            .register(registry);
    private final Counter sent = Counter.builder()
            .withoutExemplars()
            .name("reft_http_sent_bytes")
            .help("Bytes of bodies sent")
            .register(registry);

    Figures() {
        GaugeWithCallback.builder()
                .name("reft_jvm_heap_used_bytes")
                .help("Java heap in use")
                .callback(gauge -> gauge.call((double)
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("reft_uptime_seconds")
                .help("Time since the process started")
                .callback(
                        gauge -> gauge.call(ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0))
                .register(registry);
    }

    /** The place of further figures, such as those of jobs. */
    public PrometheusRegistry registry() {
        return registry;
    }

    @Override
    public void write(ObjectNode line) {
        String operation = line.path("operation").asText("none");
        requests.labelValues(operation, line.path("status").asText()).inc();
        seconds.labelValues(operation).observe(line.path("milliseconds").asDouble() / 1000);
        received.inc(line.path("received").asDouble());
        sent.inc(line.path("sent").asDouble());
    }

    byte[] text() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, registry.scrape());
        return out.toByteArray();
    }
}
