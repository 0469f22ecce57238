package org.reft4j.server.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.http.ApiError;

class EngineProcessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final EngineProcess engine =
            new EngineProcess(new EngineSettings(1L << 30, 1 << 24, 8, "f32"), List.of("-Xmx256m"));

    @AfterEach
    void close() {
        engine.close();
    }

    private static SampleRequest request(String model, int tokens) {
        return new SampleRequest(
                model,
                SampleRequest.Prompt.of("How much is 1 and 2?"),
                1,
                42,
                tokens,
                1,
                1,
                0,
                List.of(),
                List.of(),
                0,
                0,
                // Never the end of text, so that a completion is as long as it may be.
                Map.of(1, -100.0),
                -1,
                false,
                null);
    }

    private String text(SampleRequest request) {
        StringBuilder text = new StringBuilder();
        try (SampleStream stream = engine.sample(List.of(request))) {
            while (true) {
                SampleEvent event = stream.next(PATIENCE).orElseThrow().event();
                if (event instanceof SampleEvent.Text more) {
                    text.append(more.text());
                } else if (event instanceof SampleEvent.End) {
                    return text.toString();
                }
            }
        }
    }

    @Test
    void aCrashCostsTheRequestsInItAndNoOthers() {
        String model = TinyModel.write(folder.resolve("model"), 1).toString();
        assertTrue(engine.pid().isEmpty(), "nothing is started in advance");
        String before = text(request(model, 20));
        assertTrue(before.length() > 0);
        long first = engine.pid().orElseThrow();
        try (SampleStream stream = engine.sample(List.of(request(model, 200)))) {
            SampleEvent event = stream.next(PATIENCE).orElseThrow().event();
            assertTrue(event instanceof SampleEvent.Prompt);
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            ApiError lost = assertThrows(ApiError.class, () -> {
                while (!(stream.next(PATIENCE).orElseThrow().event() instanceof SampleEvent.End)) {
                    // Tokens that were on their way.
                }
                throw new ApiError(503, "server_error", null, "too_quick", "It was finished before the end came.");
            });
            assertEquals(503, lost.status());
        }
        assertEquals(before, text(request(model, 20)));
        assertNotEquals(first, engine.pid().orElseThrow());
    }

    @Test
    void faultsAreTold() {
        ApiError missing = assertThrows(
                ApiError.class, () -> text(request(folder.resolve("none").toString(), 3)));
        assertEquals("model", missing.param());
        assertEquals(400, missing.status());
        String model = TinyModel.write(folder.resolve("model"), 1).toString();
        assertTrue(text(request(model, 3)).length() > 0, "the engine lives on");
    }
}
