package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.reft4j.server.tinker.TinkerRoutes;

/**
 * The table of the SDK's methods in {@code docs/server-tinker.md}: every method of the version in {@code verify/tinker/sdk.txt} is in it,
 * and it says of each what the server does.
 */
class TinkerMethodsTest {
    private static final String BEGIN = "<!-- methods: made by TinkerMethodsTest -->\n";
    private static final String END = "<!-- end of methods -->\n";
    private static final Document PAGE = new Document("docs/server-tinker.md");

    @Test
    void everyMethodOfTheSdkIsListedOnce() throws IOException {
        List<String> listed = new ArrayList<>();
        for (JsonNode row : rows()) {
            row.path("methods").forEach(method -> listed.add(method.asText()));
        }
        assertEquals(sdk("method"), new TreeSet<>(listed));
        assertEquals(new LinkedHashSet<>(listed).size(), listed.size(), "a method is listed twice");
    }

    @Test
    void everyRouteOfTheSdkIsAnswered() throws IOException {
        assertTrue(operations().keySet().containsAll(sdk("route")), () -> {
            Set<String> missing = sdk("route");
            missing.removeAll(operations().keySet());
            return "the API's document lacks " + missing;
        });
    }

    @Test
    void whatIsSaidOfAMethodIsWhatTheServerDoes() throws IOException {
        Set<String> known = new TreeSet<>(operations().values());
        for (JsonNode row : rows()) {
            for (JsonNode call : row.path("calls")) {
                assertTrue(known.contains(call.asText()), () -> row + " calls what is no operation");
                assertEquals(
                        row.has("says"),
                        !TinkerRoutes.notHere().containsKey(call.asText()),
                        () -> row + " and the server do not agree");
            }
        }
    }

    @Test
    void thePageIsFresh() throws IOException {
        String text = PAGE.text();
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        int end = text.indexOf(END);
        assertTrue(begin >= BEGIN.length() && end >= begin, "the page has no place for the table");
        PAGE.mustBe(text.substring(0, begin) + table() + text.substring(end));
    }

    private static String table() throws IOException {
        StringBuilder table =
                new StringBuilder("\nOf tinker " + sdk("version").iterator().next()
                        + ", with their twins that end in `_async`:\n\n| method | |\n|---|---|\n");
        for (JsonNode row : rows()) {
            List<String> names = new ArrayList<>();
            row.path("methods").forEach(method -> names.add("`" + method.asText() + "`"));
            String says = row.path("says").asText();
            String what = !row.has("says")
                    ? "501: "
                            + TinkerRoutes.notHere()
                                    .get(row.path("calls").get(0).asText())
                    : says.isEmpty() ? "works" : "works: " + says;
            table.append("| ")
                    .append(String.join(", ", names))
                    .append(" | ")
                    .append(what)
                    .append(" |\n");
        }
        return table.append('\n').toString();
    }

    private static JsonNode rows() throws IOException {
        return new YAMLMapper().readTree(new Document("verify/tinker/methods.yaml").text());
    }

    /** The rest of the lines that begin with a word. */
    private static Set<String> sdk(String kind) {
        try {
            return new Document("verify/tinker/sdk.txt")
                    .text()
                    .lines()
                    .filter(line -> line.startsWith(kind + " "))
                    .map(line -> line.substring(kind.length() + 1))
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Operations by method and path, with nameless parameters. */
    private static Map<String, String> operations() {
        try (InputStream in = TinkerRoutes.class.getResourceAsStream("/org/reft4j/server/openapi/tinker.yaml")) {
            Map<String, String> operations = new java.util.TreeMap<>();
            new YAMLMapper()
                    .readTree(in)
                    .path("paths")
                    .properties()
                    .forEach(path -> path.getValue()
                            .properties()
                            .forEach(method -> operations.put(
                                    method.getKey().toUpperCase(java.util.Locale.ROOT) + " "
                                            + path.getKey().replaceAll("\\{[^}]*}", "{}"),
                                    method.getValue().path("operationId").asText())));
            return operations;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
