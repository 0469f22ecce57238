package org.reft4j.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.reft4j.ground.settings.SettingsTree;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.RunReader;

/**
 * A configuration as it was given, with the files that it names.
 *
 * @param file relative paths are looked for beside it, where the current directory does not have them
 */
record GivenConfig(Path file, SettingsTree tree) {
    private static final List<String> MODELS = List.of("model", "base");

    /** The place of a key. */
    String of(String path) {
        return tree.place(path);
    }

    private Path folder() {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? Path.of("").toAbsolutePath() : parent;
    }

    /** An object in a file of its own becomes part of the configuration, so that a run knows what it was graded by. */
    void inline(ObjectNode root, String path) {
        int dot = path.indexOf('.');
        String key = path.substring(dot + 1);
        JsonNode section = dot < 0 ? root : root.path(path.substring(0, dot));
        JsonNode given = section.path(key);
        if (section instanceof ObjectNode tree && given.isTextual()) {
            Path here = Path.of(given.asText());
            Path file = Files.exists(here) ? here : folder().resolve(given.asText());
            if (!Files.exists(file)) {
                throw new ConfigException(of(path) + ": " + path + " is " + given.asText()
                        + "; there is no such file (looked for " + here.toAbsolutePath() + " and " + file + ")");
            }
            tree.set(key, ConfigFile.object(file));
        }
    }

    /** Hands {@code classpath} on to the graders written in Java that name none themselves: a run's grader says where its classes are. */
    void classpath(ObjectNode tree, boolean present) {
        JsonNode given = tree.remove("classpath");
        if (given == null || given.isNull()) {
            return;
        }
        List<String> entries = new ArrayList<>();
        for (String entry : given.asText().split(Pattern.quote(File.pathSeparator), -1)) {
            if (!entry.isBlank()) {
                Path here = Path.of(entry);
                Path found = Files.exists(here) ? here : folder().resolve(entry);
                if (present && !Files.exists(found)) {
                    throw new ConfigException(of("classpath") + ": classpath names " + entry
                            + ", which does not exist (looked for " + here.toAbsolutePath() + " and " + found
                            + "); expected jars and folders of graders written in Java");
                }
                entries.add(found.toAbsolutePath().normalize().toString());
            }
        }
        List<ObjectNode> graders = new ArrayList<>();
        for (JsonNode object : tree.path("grader").findParents("type")) {
            if (object instanceof ObjectNode grader
                    && grader.path("type").asText().equals("java")) {
                graders.add(grader);
            }
        }
        if (graders.isEmpty()) {
            throw new ConfigException(
                    of("classpath")
                            + ": classpath is given, and no grader of type java needs it; leave it out, or describe the grader");
        }
        String path = String.join(File.pathSeparator, entries);
        graders.stream().filter(grader -> !grader.has("classpath")).forEach(grader -> grader.put("classpath", path));
    }

    /** Makes a relative path absolute, so that the run's own copy of the configuration means the same from everywhere. */
    void locate(ObjectNode tree, String keyPath, boolean present) {
        String section = keyPath.substring(0, keyPath.indexOf('.'));
        String key = keyPath.substring(section.length() + 1);
        JsonNode given = tree.path(section).path(key);
        if (!given.isTextual()) {
            return;
        }
        Path here = Path.of(given.asText()).toAbsolutePath().normalize();
        Path beside = folder().resolve(given.asText()).normalize();
        Path found = Files.exists(here) ? here : beside;
        if (!Files.exists(found)) {
            if (!present || (MODELS.contains(section) && ModelHub.isName(given.asText()))) {
                return;
            }
            throw new ConfigException(of(keyPath) + ": " + keyPath + " is " + given.asText()
                    + "; there is no such file or folder (looked for " + here
                    + (here.equals(beside) ? "" : " and " + beside) + ")");
        }
        Path meant = MODELS.contains(section) ? chosen(found, keyPath, present) : found;
        ((ObjectNode) tree.path(section)).set(key, TextNode.valueOf(meant.toString()));
    }

    /** The path of a model; of a run, its best checkpoint, so that the recorded configuration names the exact model. */
    private Path chosen(Path model, String keyPath, boolean present) {
        try {
            return RunReader.model(model);
        } catch (ConfigException e) {
            if (!present) {
                return model;
            }
            throw new ConfigException(of(keyPath) + ": " + keyPath + " is " + e.getMessage(), e);
        }
    }
}
