package org.reft4j.task.judge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonServiceTest {
    private static final int LARGEST = 1000;
    private static final Duration PLENTY = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(300);

    private final FakePauses time = new FakePauses();
    private StubServer server;

    @BeforeEach
    void start() throws IOException {
        server = new StubServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonService service(String url, int concurrency) {
        JsonService.Limits limits = new JsonService.Limits(concurrency, Double.POSITIVE_INFINITY, 3, LARGEST);
        return new JsonService(URI.create(url), Map.of("Authorization", "Bearer secret"), limits, time);
    }

    private JsonService.Outcome post(Duration timeout) {
        return service(server.url("/a"), 1)
                .post(JsonNodeFactory.instance.objectNode().put("x", 1), timeout);
    }

    private String broken(Duration timeout) {
        return assertInstanceOf(JsonService.Outcome.Broken.class, post(timeout)).reason();
    }

    private String rubbish() {
        return assertInstanceOf(JsonService.Outcome.Rubbish.class, post(PLENTY)).reason();
    }

    @Test
    void postsJsonAndReadsJson() {
        server.json("{'y': [2]}");
        JsonService.Outcome.Replied replied = assertInstanceOf(JsonService.Outcome.Replied.class, post(PLENTY));
        assertEquals(2, replied.body().path("y").path(0).intValue());
        StubServer.Call call = server.calls().getFirst();
        assertEquals("{\"x\":1}", call.body());
        assertEquals("Bearer secret", call.headers().getFirst("Authorization"));
        assertEquals("application/json", call.headers().getFirst("Content-Type"));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 409, 429, 500, 503})
    void whatMayPassIsTriedAgain(int status) {
        server.reply(status, "busy").json("{}");
        assertInstanceOf(JsonService.Outcome.Replied.class, post(PLENTY));
        assertEquals(2, server.calls().size());
    }

    @Test
    void pausesGrowAndDiffer() {
        server.reply(503, "");
        assertTrue(broken(PLENTY).endsWith("replied with status 503"));
        assertEquals(4, server.calls().size());
        List<Duration> pauses = time.pauses();
        assertEquals(3, pauses.size());
        for (int i = 0; i < 3; i++) {
            long longest = 500L << i;
            long pause = pauses.get(i).toMillis();
            assertTrue(pause >= longest / 2 && pause <= longest, pauses::toString);
        }
    }

    @Test
    void theServersOwnPauseIsKept() {
        server.reply(429, "Retry-After", "7")
                .reply(429, "Retry-After", "Mon, 23 Nov 2026 00:00:00 GMT")
                .json("{}");
        assertInstanceOf(JsonService.Outcome.Replied.class, post(PLENTY));
        assertEquals(Duration.ofSeconds(7), time.pauses().getFirst());
        assertTrue(time.pauses().getLast().toSeconds() < 7);
    }

    @Test
    void noPauseOutlastsTheDeadline() {
        server.reply(429, "Retry-After", "20");
        assertTrue(broken(Duration.ofSeconds(10)).contains("status 429"));
        assertEquals(List.of(), time.pauses());
        assertEquals(1, server.calls().size());
    }

    @Test
    void whatWillNotPassIsNotTriedAgain() {
        server.reply(400, "{\"error\":\n{\"message\": \"no such model\"}}");
        assertEquals(
                server.url("/a") + " replied with status 400: {\"error\": {\"message\": \"no such model\"}}",
                broken(PLENTY));
        assertEquals(1, server.calls().size());
    }

    @Test
    void aServerThatIsNotThereIsTriedAgain() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        JsonService.Outcome outcome =
                service("http://localhost:" + port + "/", 1).post(JsonNodeFactory.instance.objectNode(), PLENTY);
        String reason =
                assertInstanceOf(JsonService.Outcome.Broken.class, outcome).reason();
        assertTrue(reason.startsWith("http://localhost:" + port + "/ cannot be asked: ConnectException"), reason);
        assertEquals(3, time.pauses().size());
    }

    @Test
    void aServerThatHangsIsLeft() {
        server.hang();
        String reason =
                assertInstanceOf(JsonService.Outcome.Silent.class, post(SHORT)).reason();
        assertEquals(server.url("/a") + " gave no reply within 0.3 s", reason);
    }

    @Test
    void aReplyThatDoesNotEndIsLeft() {
        server.drip();
        assertInstanceOf(JsonService.Outcome.Silent.class, post(SHORT));
    }

    @Test
    void aFloodIsNotReadToItsEnd() {
        server.flood();
        assertEquals(server.url("/a") + " replied with more than 1000 bytes", rubbish());
    }

    @Test
    void redirectsElsewhereAreRefused() throws IOException {
        try (StubServer other = new StubServer()) {
            other.json("{}");
            server.reply(307, "Location", other.url("/b"));
            assertEquals(
                    server.url("/a") + " redirects to " + other.url("/b")
                            + ", which is refused: give the address of the service itself",
                    broken(PLENTY));
            assertEquals(List.of(), other.calls());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://[", "", "ftp://localhost/", "//example.com/"})
    void oddRedirectsAreRefused(String location) {
        server.reply(302, "Location", location);
        assertTrue(broken(PLENTY).contains("which is refused"));
    }

    @Test
    void redirectsOnTheSameHostAreFollowed() {
        server.reply(308, "Location", "/b").json("{}");
        assertInstanceOf(JsonService.Outcome.Replied.class, post(PLENTY));
        assertEquals("/b", server.calls().getLast().path());
        assertEquals("{\"x\":1}", server.calls().getLast().body());
    }

    @Test
    void redirectsEnd() {
        server.reply(307, "Location", "/a");
        assertEquals(server.url("/a") + " redirects without end", broken(PLENTY));
        assertEquals(4, server.calls().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "{\"a\": 1", "{} {}", "I think so."})
    void whatIsNotJsonIsRubbish(String body) {
        server.reply(200, body);
        assertTrue(rubbish().startsWith(server.url("/a") + " replied with what is not JSON: "));
        assertEquals(1, server.calls().size());
    }

    @Test
    void otherCharactersThanUtf8AreRubbish() {
        server.reply(200, "{\"a\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertTrue(rubbish().contains("what is not JSON"));
    }

    @Test
    void halfACharacterIsSentAsAQuestionMark() {
        server.json("{}");
        service(server.url("/a"), 1).post(JsonNodeFactory.instance.objectNode().put("x", "\ud83d!"), PLENTY);
        assertEquals("{\"x\":\"?!\"}", server.calls().getFirst().body());
    }

    @Test
    void onlySoManyAreUnderWay() throws InterruptedException {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CyclicBarrier pair = new CyclicBarrier(2);
        server.then(exchange -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            try {
                pair.await(10, TimeUnit.SECONDS); // so that two are known to be served at once
            } catch (BrokenBarrierException | TimeoutException e) {
                most.set(-1);
            }
            underWay.decrementAndGet();
            exchange.sendResponseHeaders(204, -1);
        });
        JsonService service = service(server.url("/a"), 2);
        List<Thread> callers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            callers.add(Thread.ofPlatform()
                    .start(() -> service.post(JsonNodeFactory.instance.objectNode(), Duration.ofSeconds(30))));
        }
        for (Thread caller : callers) {
            caller.join();
        }
        assertEquals(2, most.get());
        assertEquals(6, server.calls().size());
    }

    @Test
    void attemptsKeepTheRate() {
        server.reply(500, "").json("{}");
        JsonService.Limits limits = new JsonService.Limits(1, 0.1, 3, LARGEST);
        new JsonService(URI.create(server.url("/a")), Map.of(), limits, time)
                .post(JsonNodeFactory.instance.objectNode(), PLENTY);
        Duration passed = time.pauses().stream().reduce(Duration.ZERO, Duration::plus);
        assertEquals(Duration.ofSeconds(10), passed);
    }

    @Test
    void waitingForOnesTurnIsNotTheServersFault() {
        server.json("{}");
        JsonService.Limits limits = new JsonService.Limits(1, 0.1, 3, LARGEST);
        JsonService service = new JsonService(URI.create(server.url("/a")), Map.of(), limits, time);
        for (int i = 0; i < 2; i++) {
            assertInstanceOf(
                    JsonService.Outcome.Replied.class,
                    service.post(JsonNodeFactory.instance.objectNode(), Duration.ofSeconds(5)));
        }
    }

    @Test
    void anInterruptedCallerIsToldSo() {
        server.json("{}");
        Thread.currentThread().interrupt();
        assertEquals("interrupted while waiting for a reply", broken(PLENTY));
        assertTrue(Thread.interrupted());
    }
}
