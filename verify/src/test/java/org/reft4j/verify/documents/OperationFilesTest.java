package org.reft4j.verify.documents;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.reft4j.cli.Main;
import org.reft4j.server.ServerSettings;
import picocli.CommandLine;

/** The files for operators in {@code docs/operation}: they can be read, and what they name is there. */
class OperationFilesTest {
    private static final Path FOLDER = Path.of("../docs/operation");
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    private static final int PORT = ServerSettings.DEFAULTS.port();

    private static String text(String name) throws IOException {
        return Files.readString(FOLDER.resolve(name));
    }

    private static List<JsonNode> yaml(String name) throws IOException {
        try (MappingIterator<JsonNode> all = YAML.readerFor(JsonNode.class).readValues(text(name))) {
            return all.readAll();
        }
    }

    /** The routes that need no key, and that of the figures. */
    private static Set<String> routes() throws IOException {
        JsonNode document = YAML.readTree(
                Files.readString(Path.of("../server/src/main/resources/org/reft4j/server/openapi/service.yaml")));
        Set<String> paths = new TreeSet<>();
        document.path("paths").fieldNames().forEachRemaining(paths::add);
        return paths;
    }

    /** The arguments of a command line name options that there are. */
    private static void assertServes(List<String> arguments) {
        CommandLine serve =
                Objects.requireNonNull(Main.commandLine().getSubcommands().get(arguments.getFirst()));
        assertEquals("serve", arguments.getFirst());
        arguments.stream()
                .filter(each -> each.startsWith("--"))
                .forEach(
                        option -> assertTrue(serve.getCommandSpec().optionsMap().containsKey(option), option));
        assertEquals(
                Integer.toString(PORT), arguments.get(arguments.indexOf("--port") + 1), "all files agree on the port");
    }

    @Test
    void theClustersProbesAndPortsAreThoseOfTheServer() throws IOException {
        List<JsonNode> objects = yaml("kubernetes.yaml");
        assertEquals(
                List.of("Service", "StatefulSet"),
                objects.stream().map(each -> each.path("kind").asText()).toList());
        JsonNode service = objects.getFirst().path("spec");
        assertEquals(PORT, service.at("/ports/0/port").asInt());
        JsonNode set = objects.getLast().path("spec");
        JsonNode template = set.path("template");
        assertEquals(service.path("selector"), template.at("/metadata/labels"));
        assertEquals(set.at("/selector/matchLabels"), template.at("/metadata/labels"));
        JsonNode container = template.at("/spec/containers/0");
        List<String> arguments = new ArrayList<>();
        container.path("args").forEach(each -> arguments.add(each.asText()));
        assertServes(arguments);
        assertEquals(PORT, container.at("/ports/0/containerPort").asInt());
        String name = container.at("/ports/0/name").asText();
        assertEquals(name, service.at("/ports/0/targetPort").asText());
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertTrue(
                    routes().contains(container.path(probe).at("/httpGet/path").asText()), probe);
            assertEquals(name, container.path(probe).at("/httpGet/port").asText(), probe);
        }
        JsonNode notes = template.at("/metadata/annotations");
        assertTrue(routes().contains(notes.path("prometheus.io/path").asText()));
        assertEquals(PORT, notes.path("prometheus.io/port").asInt());
        String data = arguments.get(arguments.indexOf("--data") + 1);
        assertEquals(data, container.at("/volumeMounts/0/mountPath").asText());
        assertEquals(set.at("/volumeClaimTemplates/0/metadata/name"), container.at("/volumeMounts/0/name"));
    }

    @Test
    void theContainerStartsTheServer() throws IOException {
        Set<String> known =
                Set.of("FROM", "WORKDIR", "COPY", "RUN", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD");
        List<String> lines = text("Containerfile")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        assertTrue(lines.getFirst().startsWith("FROM "));
        lines.forEach(line -> assertTrue(known.contains(line.split(" ", 2)[0]), line));
        assertTrue(lines.contains("EXPOSE " + PORT));
        String command = lines.getLast();
        List<String> arguments = new ArrayList<>();
        YAML.readTree(command.substring("CMD ".length())).forEach(each -> arguments.add(each.asText()));
        assertServes(arguments);
        assertTrue(lines.contains("VOLUME " + arguments.get(arguments.indexOf("--data") + 1)));
        assertTrue(Files.isExecutable(Path.of("../reft")));
    }

    @Test
    void systemdStartsAndEndsTheServer() throws IOException {
        List<String> lines = text("reft.service")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
        assertEquals(
                List.of("[Unit]", "[Service]", "[Install]"),
                lines.stream().filter(line -> line.startsWith("[")).toList());
        lines.stream()
                .filter(line -> !line.startsWith("["))
                .forEach(line -> assertTrue(line.matches("[A-Z]\\w+=\\S.*"), line));
        String start = lines.stream()
                .filter(line -> line.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow();
        List<String> words = List.of(start.split(" "));
        assertServes(words.subList(1, words.size()));
    }

    @Test
    void theOthersNameThePort() throws IOException {
        JsonNode scrape = yaml("prometheus.yaml").getFirst().at("/scrape_configs/0");
        assertEquals(
                "127.0.0.1:" + PORT, scrape.at("/static_configs/0/targets/0").asText());
        assertTrue(routes().contains(scrape.path("metrics_path").asText()));
        assertTrue(text("nginx.conf").contains("proxy_pass http://127.0.0.1:" + PORT + ";"));
        assertEquals(
                text("nginx.conf").chars().filter(each -> each == '{').count(),
                text("nginx.conf").chars().filter(each -> each == '}').count());
        assertTrue(text("Caddyfile").contains("reverse_proxy 127.0.0.1:" + PORT + " {"));
        Matcher size = Pattern.compile("client_max_body_size (\\d+)m").matcher(text("nginx.conf"));
        assertTrue(size.find());
        assertFalse(Integer.parseInt(size.group(1))
                <= ServerSettings.DEFAULTS.limits().fileMib());
    }
}
