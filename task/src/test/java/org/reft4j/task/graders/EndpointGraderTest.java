package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.reft4j.task.graders.GraderObjects.item;
import static org.reft4j.task.graders.GraderObjects.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.judge.FakePauses;
import org.reft4j.task.judge.StubServer;

/** Tests the grades after misbehaviour of a service; the misbehaviour itself is tested in {@code JsonServiceTest}. */
final class EndpointGraderTest {
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

    /** As an object describes it, but with pauses that take no time. */
    private Grader grader(String more) {
        String description = "{'type': 'endpoint', 'url': '%s'%s}".formatted(server.url("/grade"), more);
        GraderFields fields = new GraderFields((ObjectNode) json(description), "grader", List.of());
        Grader grader = EndpointGrader.read(fields, time);
        fields.requireNothingElse();
        return grader;
    }

    private Grade grade(String more) {
        return grader(more).grade(item("{'x': [1]}"), "{\"a\": 2}");
    }

    @Test
    void aStrangersAddressInAPrivateNetworkIsNotAsked() {
        Grade.Failed failed = assertInstanceOf(Grade.Failed.class, grade(", 'private_addresses': false"));
        assertEquals(GradeError.ENDPOINT_GRADER_SERVER_ERROR, failed.error());
        assertTrue(failed.reason().contains("is at the private address 127.0.0.1"), failed::reason);
        assertEquals(0, server.calls().size());
    }

    private GradeError error(String more) {
        return assertInstanceOf(Grade.Failed.class, grade(more)).error();
    }

    @Test
    void aServiceScores() {
        server.json("{'score': -2.5, 'more': true}");
        assertEquals(
                Grade.Scored.of(-2.5),
                grade(", 'name': 'n', 'pass_threshold': 1, 'headers': {'X-Key': 'k', 'Accept': '*/*'}"));
        StubServer.Call call = server.calls().getFirst();
        assertEquals("/grade", call.path());
        assertEquals("k", call.headers().getFirst("X-Key"));
        assertEquals("*/*", call.headers().getFirst("Accept"));
        JsonNode body = call.json();
        assertEquals(3, body.size());
        assertEquals("{\"a\": 2}", body.at("/sample/output_text").asText());
        assertEquals(2, body.at("/sample/output_json/a").asInt());
        assertEquals(1, body.at("/item/x/0").asInt());
        assertEquals("q1", body.at("/item/item_id").asText());
        assertTrue(body.path("trace_id").asText().matches("trace_[0-9a-f]{32}"));
    }

    @Test
    void tracesTellCompletionsApart() {
        server.json("{'score': 1}");
        Grader grader = grader("");
        for (String completion : new String[] {"a", "a", "b"}) {
            grader.grade(item("{}"), completion);
        }
        String[] traces = server.calls().stream()
                .map(call -> call.json().path("trace_id").asText())
                .toArray(String[]::new);
        assertEquals(traces[0], traces[1]);
        assertNotEquals(traces[0], traces[2]);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{}", "{'score': 'high'}", "{'score': null}", "{'score': 1e999}", "[1]", "1", "I like it", ""})
    void whatHasNoScoreFails(String body) {
        server.json(body);
        assertEquals(GradeError.ENDPOINT_GRADER_INTERNAL_ERROR, error(""));
        assertEquals(1, server.calls().size());
    }

    @Test
    void floodsFail() {
        server.flood();
        assertEquals(GradeError.ENDPOINT_GRADER_INTERNAL_ERROR, error(""));
    }

    @Test
    void brokenServicesFailAfterThreeRetries() {
        server.reply(502, "bad gateway");
        assertEquals(
                new Grade.Failed(
                        GradeError.ENDPOINT_GRADER_SERVER_ERROR,
                        server.url("/grade") + " replied with status 502: bad gateway"),
                grade(""));
        assertEquals(4, server.calls().size());
    }

    @Test
    void busyServicesAreAskedAgain() {
        server.reply(429, "").json("{'score': 1}");
        assertEquals(Grade.Scored.of(1), grade(""));
    }

    @Test
    void redirectsElsewhereFail() {
        server.reply(307, "Location", "http://example.com/");
        assertEquals(GradeError.ENDPOINT_GRADER_SERVER_ERROR, error(""));
    }

    @Test
    void hangingServicesAreLeft() {
        server.hang();
        assertEquals(GradeError.UNRESPONSIVE_REWARD_ERROR, error(", 'timeout': 0.3"));
    }

    @Test
    void theRateIsKept() {
        server.json("{'score': 1}");
        Grader grader = grader(", 'rate_limit': 5");
        grader.grade(item("{}"), "a");
        grader.grade(item("{}"), "b");
        assertEquals(java.util.List.of(Duration.ofMillis(200)), time.pauses());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'endpoint'}|grader.url is missing; give it",
                "{'type': 'endpoint', 'url': 'file:///etc/passwd'}|grader.url is \"file:///etc/passwd\"; expected an address such"
                        + " as http://localhost:8000/v1, without user and fragment",
                "{'type': 'endpoint', 'url': 'http://h', 'rate_limit': -1}|grader.rate_limit is -1.0; expected calls per second,"
                        + " more than 0",
                "{'type': 'endpoint', 'url': 'http://h', 'concurrency': 0}|grader.concurrency is 0; expected a whole number from"
                        + " 1 to 1000",
                "{'type': 'endpoint', 'url': 'http://h', 'timeout': 'x'}|grader.timeout is \"x\"; expected a number",
                "{'type': 'endpoint', 'url': 'http://h', 'timeout': 4000}|grader.timeout is 4000; expected seconds, more than 0"
                        + " and at most 3600",
                "{'type': 'endpoint', 'url': 'http://h', 'headers': ['a']}|grader.headers is [\"a\"]; expected an object",
                "{'type': 'endpoint', 'url': 'http://h', 'headers': {'a': 1}}|grader.headers.a is 1; expected a text",
                "{'type': 'endpoint', 'url': 'http://h', 'headers': {'Host': 'x'}}|grader.headers.Host cannot be sent: restricted"
                        + " header name: \"Host\"; expected a header that may be set",
                "{'type': 'endpoint', 'url': 'http://h', 'body': {}}|grader.body is not known to a grader of type endpoint;"
                        + " expected type, name, pass_threshold, url, concurrency, rate_limit, private_addresses, headers, timeout",
            })
    void faultsNameTheirPlace(String description, String message) {
        assertEquals(message, GraderObjects.refusal(description));
    }
}
