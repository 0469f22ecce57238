package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.reft4j.ground.text.OneLine;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderFields;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;
import org.reft4j.task.grade.HttpAddress;
import org.reft4j.task.grade.Sample;
import org.reft4j.task.judge.JsonService;
import org.reft4j.task.judge.Pauses;

/** {@code endpoint}: a service scores. It is posted {@code {sample, item, trace_id}} and replies {@code {score}}. */
final class EndpointGrader implements Grader {
    static final GraderType TYPE = new GraderType(
            "endpoint", "posts item and sample to an address, which replies with a score", false, EndpointGrader::read);

    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final int RETRIES = 3;
    private static final int CONCURRENCY = 8;
    private static final int LARGEST_REPLY = 1 << 20;
    private static final int TRACE_BYTES = 16;

    private final JsonService service;
    private final Duration timeout;

    private EndpointGrader(JsonService service, Duration timeout) {
        this.service = service;
        this.timeout = timeout;
    }

    private static Grader read(GraderFields fields, GraderTools tools) {
        return read(fields, Pauses.REAL);
    }

    static Grader read(GraderFields fields, Pauses time) {
        URI address = HttpAddress.of(fields, "url");
        JsonService.Limits limits = new JsonService.Limits(
                (int) fields.whole("concurrency", CONCURRENCY, 1, 1000),
                HttpAddress.rate(fields, "rate_limit"),
                RETRIES,
                LARGEST_REPLY);
        boolean guarded = !fields.flag("private_addresses", true);
        JsonService service = new JsonService(address, headers(fields, address), limits, time, guarded);
        return new EndpointGrader(service, fields.seconds("timeout", TIMEOUT));
    }

    private static Map<String, String> headers(GraderFields fields, URI address) {
        Map<String, String> headers = new LinkedHashMap<>();
        fields.inner("headers").ifPresent(given -> {
            for (String name : (Iterable<String>) given.object()::fieldNames) {
                String value = given.text(name);
                try {
                    HttpRequest.newBuilder(address).header(name, value);
                } catch (IllegalArgumentException e) {
                    throw given.fault(
                            name, "cannot be sent: " + OneLine.of(e.getMessage()), "expected a header that may be set");
                }
                headers.put(name, value);
            }
        });
        return headers;
    }

    @Override
    public Grade grade(Question question, String completion) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("sample", new Sample(completion).json());
        body.set("item", question.item());
        body.put("trace_id", trace(question.id(), completion));
        return switch (service.post(body, timeout)) {
            case JsonService.Outcome.Replied(JsonNode reply) -> scored(reply);
            case JsonService.Outcome.Silent(String reason) ->
                new Grade.Failed(GradeError.UNRESPONSIVE_REWARD_ERROR, reason);
            case JsonService.Outcome.Broken(String reason) ->
                new Grade.Failed(GradeError.ENDPOINT_GRADER_SERVER_ERROR, reason);
            case JsonService.Outcome.Rubbish(String reason) ->
                new Grade.Failed(GradeError.ENDPOINT_GRADER_INTERNAL_ERROR, reason);
        };
    }

    private static Grade scored(JsonNode reply) {
        JsonNode score = reply.path("score");
        return score.isNumber() && Double.isFinite(score.doubleValue())
                ? Grade.Scored.of(score.doubleValue())
                : new Grade.Failed(
                        GradeError.ENDPOINT_GRADER_INTERNAL_ERROR,
                        "the endpoint's reply has no number under score: " + GraderFields.shown(reply));
    }

    /** The same for the same completion of the same question, so that a service can recognise what it has seen. */
    private static String trace(String question, String completion) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update((question.length() + ":" + question + completion).getBytes(StandardCharsets.UTF_8));
            return "trace_" + HexFormat.of().formatHex(digest.digest(), 0, TRACE_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
