package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Linear layers that an adapter is for, by the keys of PEFT's {@code adapter_config.json}: {@code target_modules}, {@code exclude_modules},
 * {@code layers_to_transform}, {@code layers_pattern} and {@code modules_to_save}. The rules are those of PEFT 0.21.
 *
 * @param source the file, for messages
 */
record AdapterTargets(
        JsonNode targets,
        JsonNode exclude,
        JsonNode layers,
        JsonNode layersPattern,
        List<String> saved,
        String source) {
    private static final String ALL_LINEAR = "all-linear";

    static AdapterTargets of(ObjectNode json, String source) {
        AdapterTargets targets = new AdapterTargets(
                json.path("target_modules"),
                json.path("exclude_modules"),
                json.path("layers_to_transform"),
                json.path("layers_pattern"),
                texts(json.path("modules_to_save")),
                source);
        boolean named = targets.targets.isTextual() || (targets.targets.isArray() && !targets.targets.isEmpty());
        if (!named) {
            throw new FormatException(source + ": \"target_modules\" is "
                    + (json.has("target_modules") ? targets.targets : "missing")
                    + "; expected names of modules, a regular expression, or \"all-linear\"");
        }
        return targets;
    }

    /**
     * Says if a linear layer gets an adapter.
     *
     * @param module its name
     * @param head whether it is the output layer, which {@code all-linear} leaves out
     */
    boolean match(String module, boolean head) {
        if (excluded(module)) {
            return false;
        }
        if (targets.isTextual()) {
            return targets.asText().toLowerCase(Locale.ROOT).equals(ALL_LINEAR)
                    ? !head
                    : pattern(targets.asText(), "target_modules")
                            .matcher(module)
                            .matches();
        }
        List<String> names = texts(targets);
        return names.contains(module)
                || (names.stream().anyMatch(name -> module.endsWith("." + name)) && layerChosen(module));
    }

    private boolean excluded(String module) {
        boolean named = exclude.isTextual()
                ? !exclude.asText().isEmpty()
                        && pattern(exclude.asText(), "exclude_modules")
                                .matcher(module)
                                .matches()
                : texts(exclude).stream().anyMatch(name -> module.equals(name) || module.endsWith("." + name));
        return named
                || saved.stream()
                        .anyMatch(name -> pattern("(^|.*\\.)" + name + "($|\\..*)", "modules_to_save")
                                .matcher(module)
                                .lookingAt());
    }

    private boolean layerChosen(String module) {
        if (layers.isMissingNode() || layers.isNull() || (layers.isArray() && layers.isEmpty())) {
            return true;
        }
        List<String> patterns =
                layersPattern.isTextual() && !layersPattern.asText().isEmpty()
                        ? List.of(layersPattern.asText())
                        : texts(layersPattern);
        List<Pattern> places = patterns.isEmpty()
                ? List.of(Pattern.compile(".*?\\.[^.]*\\.(?<number>\\d+)\\."))
                : patterns.stream()
                        .map(name -> pattern("(?:^|.*?\\.)" + name + "\\.(?<number>\\d+)\\.", "layers_pattern"))
                        .toList();
        for (Pattern place : places) {
            Matcher matcher = place.matcher(module);
            if (matcher.lookingAt()) {
                int number = Integer.parseInt(matcher.group("number"));
                return layers.isArray() ? contains((ArrayNode) layers, number) : layers.asInt(-1) == number;
            }
        }
        return false;
    }

    private static boolean contains(ArrayNode numbers, int number) {
        for (JsonNode each : numbers) {
            if (each.asInt(-1) == number) {
                return true;
            }
        }
        return false;
    }

    /** Says if a module is copied and trained whole. PEFT compares the ends of names, without asking for a dot. */
    boolean saves(String module) {
        return saved.stream().anyMatch(module::endsWith);
    }

    private Pattern pattern(String regex, String key) {
        try {
            // Python names groups with a P.
            return Pattern.compile(regex.replace("(?P<", "(?<"));
        } catch (PatternSyntaxException e) {
            throw new FormatException(
                    source + ": \"" + key + "\" is not a regular expression: " + e.getDescription() + " in " + regex,
                    e);
        }
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        if (array.isArray()) {
            array.forEach(text -> texts.add(text.asText()));
        }
        return List.copyOf(texts);
    }
}
