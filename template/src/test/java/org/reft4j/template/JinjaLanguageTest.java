package org.reft4j.template;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The language of templates, piece by piece: {@code jinja.json} holds small templates and what jinja2 3.1.6 in transformers' environment
 * made of them.
 */
class JinjaLanguageTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-07-06T09:05:03Z"), ZoneOffset.UTC);
    /** Far more than a bounded rendering needs on a busy machine. */
    private static final Duration LONG = Duration.ofMinutes(2);

    @Test
    void piecesAgreeWithJinja() throws IOException {
        JsonNode file = file();
        List<Executable> checks = new ArrayList<>();
        for (JsonNode each : file.path("cases")) {
            checks.add(() -> check(each, each.path("template").asText(), file.path("context")));
        }
        System.out.println("jinja: " + checks.size() + " pieces");
        assertTrue(checks.size() > 150);
        assertAll(checks);
    }

    @Test
    void anotherCharacterIsNoticed() throws IOException {
        JsonNode file = file();
        for (JsonNode each : file.path("cases")) {
            if (each.has("text")) {
                String changed = "{{ '!' }}" + each.path("template").asText();
                assertThrows(AssertionError.class, () -> check(each, changed, file.path("context")));
            }
        }
    }

    private static void check(JsonNode each, String template, JsonNode context) {
        if (each.has("text")) {
            assertEquals(each.path("text").asText(), render(template, context), template);
        } else {
            String message =
                    String.valueOf(assertThrows(TemplateException.class, () -> render(template, context), template)
                            .getMessage());
            assertTrue(message.startsWith("piece, line "), message);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(s='x') %}{% for i in range(99999) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
                "{{ 'x' * 999999999999 }}",
                "{{ [0] * 999999999 }}",
                "{{ 9 ** (9 ** 9) }}",
                "{{ 9 ** 99999999 }}",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
                "{% set ns = namespace(l=[1]) %}{% for i in range(999) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
                "{{ '%9999999999d' % 1 }}",
                "{{ 'a'.center(2000000000) }}",
                "{% for a in range(99999) %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxx{{ messages }}{{ messages }}{% endfor %}",
            })
    void hostileTemplatesEndInOneMessage(String template) throws IOException {
        JsonNode context = file().path("context");
        assertTimeout(LONG, () -> assertThrows(TemplateException.class, () -> render(template, context)));
    }

    @Test
    void deepNestingEndsInOneMessage() throws IOException {
        JsonNode context = file().path("context");
        for (String open : List.of("(", "[", "{1:", "-", "not ", "{% if 1 %}", "n[", "n|f(")) {
            String template = (open.startsWith("{%") ? "" : "{{ ") + open.repeat(20_000);
            assertThrows(TemplateException.class, () -> render(template, context), open);
        }
    }

    /** Pieces of templates, cut and mixed at random, render or fail with the one exception. */
    @Test
    void mixedPiecesNeverCrash() throws IOException {
        JsonNode file = file();
        List<String> pieces = new ArrayList<>();
        file.path("cases").forEach(each -> pieces.add(each.path("template").asText()));
        long seed = Long.getLong("tests.seed", System.nanoTime());
        System.out.println("seed of mixed templates: " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 1500; i++) {
            String a = pieces.get(random.nextInt(pieces.size()));
            String b = pieces.get(random.nextInt(pieces.size()));
            String mixed = a.substring(0, random.nextInt(a.length() + 1)) + b.substring(random.nextInt(b.length() + 1));
            try {
                render(mixed, file.path("context"));
            } catch (TemplateException expected) {
                assertTrue(String.valueOf(expected.getMessage()).startsWith("piece"), expected.getMessage());
            } catch (RuntimeException | StackOverflowError crash) {
                throw new AssertionError("seed " + seed + ": " + mixed, crash);
            }
        }
    }

    private static String render(String template, JsonNode context) {
        Map<String, JsonNode> variables = new LinkedHashMap<>();
        // As chat templates have them, unless a piece says otherwise.
        variables.put("messages", JSON.createArrayNode());
        variables.put("tools", NullNode.getInstance());
        variables.put("documents", NullNode.getInstance());
        variables.put("add_generation_prompt", BooleanNode.TRUE);
        context.properties().forEach(entry -> variables.put(entry.getKey(), entry.getValue()));
        return JinjaTemplate.read("piece", template).render(variables, CLOCK).text();
    }

    private static JsonNode file() throws IOException {
        try (InputStream in = JinjaLanguageTest.class.getResourceAsStream("jinja.json")) {
            return JSON.readTree(Objects.requireNonNull(in));
        }
    }
}
