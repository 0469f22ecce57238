package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Configuration of a LoRA adapter, as PEFT's {@code adapter_config.json}: rank, scale and layers. Kinds of adapter that are not
 * computed here are refused by name when the file is read.
 */
public final class AdapterConfig {
    private static final String ALPHA = "lora_alpha";
    /** Says nothing about what is computed once the adapter is trained. */
    private static final Set<String> HARMLESS = Set.of(
            "auto_mapping",
            "base_model_name_or_path",
            "corda_config",
            "eva_config",
            "exclude_modules",
            "fan_in_fan_out",
            "inference_mode",
            "layers_pattern",
            "layers_to_transform",
            "loftq_config",
            "lora_ga_config",
            "megatron_core",
            "modules_to_save",
            "peft_version",
            "qalora_group_size",
            "revision",
            "runtime_config",
            "target_modules",
            "task_type");
    /** Read below. */
    private static final Set<String> KNOWN = Set.of(
            "peft_type",
            "r",
            ALPHA,
            "lora_dropout",
            "use_rslora",
            "rank_pattern",
            "alpha_pattern",
            "bias",
            "init_lora_weights");
    /** Other beginnings change the base weights when they are made, so that the base on disk is not the one that was trained on. */
    private static final Set<String> PLAIN_STARTS =
            Set.of("true", "false", "null", "", "gaussian", "eva", "orthogonal");

    private final ObjectNode json;
    private final String source;
    private final AdapterTargets targets;

    private AdapterConfig(ObjectNode json, String source) {
        this.json = json;
        this.source = source;
        refuse();
        if (!json.path("r").canConvertToInt() || json.path("r").asInt() < 1) {
            throw wrong("r", "a whole number from 1");
        }
        if (!json.path(ALPHA).isNumber()) {
            throw wrong(ALPHA, "a number");
        }
        this.targets = AdapterTargets.of(json, source);
    }

    /**
     * Reads one.
     *
     * @param source the file, for messages
     * @throws FormatException if it is of a kind that is not computed here; the message names the kind
     */
    public static AdapterConfig of(ObjectNode json, String source) {
        return new AdapterConfig(json, source);
    }

    /**
     * The configuration of a new adapter.
     *
     * @param base the folder or name of the model that it belongs to
     * @param targets {@code all-linear}, names or ends of names of modules separated by commas, or a regular expression over whole names
     * @param saved modules that are trained whole, separated by commas; may be empty
     * @param source what to call it in messages
     */
    public static AdapterConfig fresh(
            String base, int rank, double alpha, boolean rsLora, String targets, String saved, String source) {
        ObjectNode json = JsonFiles.object();
        json.put("peft_type", "LORA");
        json.put("task_type", "CAUSAL_LM");
        json.put("base_model_name_or_path", base);
        json.put("inference_mode", true);
        json.put("r", rank);
        if (alpha == Math.rint(alpha)) {
            json.put(ALPHA, (long) alpha);
        } else {
            json.put(ALPHA, alpha);
        }
        json.put("lora_dropout", 0.0);
        json.put("use_rslora", rsLora);
        json.putObject("rank_pattern");
        json.putObject("alpha_pattern");
        json.put("bias", "none");
        json.put("fan_in_fan_out", false);
        json.put("init_lora_weights", true);
        json.set("target_modules", targets(targets));
        if (saved.isBlank()) {
            json.putNull("modules_to_save");
        } else {
            json.set("modules_to_save", names(saved));
        }
        return new AdapterConfig(json, source);
    }

    /** Names where only names are given; else a text, which PEFT takes for a regular expression. */
    private static JsonNode targets(String targets) {
        boolean names = !targets.equals("all-linear") && targets.matches("\\s*[\\w.]+(\\s*,\\s*[\\w.]+)*\\s*");
        return names ? names(targets) : JsonFiles.object().textNode(targets);
    }

    private static ArrayNode names(String commaSeparated) {
        ArrayNode names = JsonFiles.object().arrayNode();
        for (String name : commaSeparated.strip().split("\\s*,\\s*", -1)) {
            names.add(name);
        }
        return names;
    }

    private void refuse() {
        String type = json.path("peft_type").asText("missing");
        if (!type.equals("LORA")) {
            throw wrong("peft_type", "LORA: no other kind of adapter is computed here");
        }
        if (json.path("use_dora").asBoolean(false)) {
            throw wrong("use_dora", "false: DoRA adapters are not computed here");
        }
        if (!json.path("bias").asText("none").equals("none")) {
            throw wrong("bias", "none: adapters with trained biases are not computed here");
        }
        if (!PLAIN_STARTS.contains(json.path("init_lora_weights").asText("true"))) {
            throw wrong(
                    "init_lora_weights",
                    "true, false, gaussian, eva or orthogonal: other starts change the base weights. Convert the adapter to plain LoRA"
                            + " when saving it (PEFT: path_initial_model_for_weight_conversion)");
        }
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            JsonNode value = field.getValue();
            boolean neutral = value.isNull()
                    || (value.isBoolean() && !value.asBoolean())
                    || (value.isContainerNode() && value.isEmpty());
            if (!HARMLESS.contains(field.getKey()) && !KNOWN.contains(field.getKey()) && !neutral) {
                throw wrong(field.getKey(), "none: this kind of adapter is not computed here");
            }
        }
    }

    private FormatException wrong(String key, String expected) {
        JsonNode value = json.path(key);
        return new FormatException(source + ": \"" + key + "\" is " + (value.isMissingNode() ? "missing" : value)
                + "; expected " + expected);
    }

    /** The whole object; not to be changed. */
    public ObjectNode json() {
        return json;
    }

    /** The file that it was read from, for messages. */
    public String source() {
        return source;
    }

    /** The model that it belongs to, as the file names it: a folder or a name on the hub. Empty if it does not say. */
    public String base() {
        return json.path("base_model_name_or_path").asText("");
    }

    /** The same adapter on a base that is elsewhere. */
    public AdapterConfig withBase(String base) {
        ObjectNode moved = json.deepCopy();
        moved.put("base_model_name_or_path", base);
        return new AdapterConfig(moved, source);
    }

    /** Default, for layers that no pattern names. */
    public int rank() {
        return json.path("r").asInt();
    }

    /** Default, for layers that no pattern names. */
    public double alpha() {
        return json.path(ALPHA).asDouble();
    }

    public boolean rsLora() {
        return json.path("use_rslora").asBoolean(false);
    }

    /** The share of inputs that was dropped in training; plays no part in using the adapter. */
    public double dropout() {
        return json.path("lora_dropout").asDouble(0);
    }

    /** {@code target_modules} as JSON, for messages and comparison. */
    public String targetsText() {
        return json.path("target_modules").toString();
    }

    /** Rank, scale and layers in a line for people. */
    public String summary() {
        JsonNode layers = json.path("target_modules");
        StringBuilder text = new StringBuilder();
        text.append("rank ").append(rank()).append(", alpha ").append(alpha()).append(rsLora() ? " (rsLoRA)" : "");
        text.append(", on ").append(layers.isTextual() ? layers.asText() : layers.toString());
        if (json.path("modules_to_save").isArray()
                && !json.path("modules_to_save").isEmpty()) {
            text.append(", with ").append(json.path("modules_to_save")).append(" whole");
        }
        return text.toString();
    }

    /** True if a linear layer gets a low-rank difference; {@code head}: it is the output layer, which {@code all-linear} leaves out. */
    public boolean targets(String module, boolean head) {
        return targets.match(module, head);
    }

    /** True if a module is copied and trained whole. */
    public boolean saves(String module) {
        return targets.saves(module);
    }

    /** The rank of a layer's adapter. */
    public int rank(String module) {
        JsonNode special = pattern("rank_pattern", module);
        return special.isMissingNode() ? rank() : special.asInt();
    }

    /** Scale of a layer's adapter. */
    public double scale(String module) {
        JsonNode special = pattern("alpha_pattern", module);
        double alpha = special.isMissingNode() ? alpha() : special.asDouble();
        return alpha / (rsLora() ? Math.sqrt(rank(module)) : rank(module));
    }

    /** The first entry whose pattern fits the end of the module's name, at a dot. */
    private JsonNode pattern(String key, String module) {
        for (Map.Entry<String, JsonNode> entry : json.path(key).properties()) {
            try {
                Matcher matcher =
                        Pattern.compile("(.*\\.)?(" + entry.getKey() + ")$").matcher(module);
                if (matcher.lookingAt()) {
                    return entry.getValue();
                }
            } catch (PatternSyntaxException e) {
                throw new FormatException(
                        source + ": \"" + key + "\" holds " + entry.getKey() + ", which is not a regular expression: "
                                + e.getDescription(),
                        e);
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    /** The first setting, by its name here and in another, in which two adapters differ; empty if they are of one shape. */
    public String difference(AdapterConfig other) {
        for (String key : List.of(
                "r",
                ALPHA,
                "use_rslora",
                "target_modules",
                "modules_to_save",
                "exclude_modules",
                "layers_to_transform",
                "layers_pattern",
                "rank_pattern",
                "alpha_pattern")) {
            String mine = comparable(key);
            String theirs = other.comparable(key);
            if (!mine.equals(theirs)) {
                return key + " " + mine + " instead of " + theirs;
            }
        }
        return "";
    }

    /** Lists without their order, numbers without their spelling, and nothing where nothing is said. */
    private String comparable(String key) {
        JsonNode value = json.path(key);
        if (value.isNumber()) {
            return String.valueOf(value.asDouble());
        }
        if (value.isArray() && !value.isEmpty()) {
            List<String> entries = new ArrayList<>();
            value.forEach(entry -> entries.add(entry.asText()));
            entries.sort(String::compareTo);
            return entries.toString();
        }
        boolean nothing = value.isMissingNode()
                || value.isNull()
                || (value.isContainerNode() && value.isEmpty())
                || (value.isBoolean() && !value.asBoolean());
        return nothing ? "none" : value.toString();
    }
}
