package org.reft4j.model.gguf;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The architectures whose GGUF files are read and written: what each calls the weights that a Hugging Face checkpoint holds.
 *
 * <p>Source: the tensor names of the gguf package ({@code constants.py}); order and shift of values from
 * {@code convert_hf_to_gguf.py} of llama.cpp.
 */
enum GgufArchitecture {
    LLAMA("llama", "llama", "LlamaForCausalLM"),
    QWEN2("qwen2", "qwen2", "Qwen2ForCausalLM"),
    QWEN3("qwen3", "qwen3", "Qwen3ForCausalLM"),
    GEMMA3("gemma3", "gemma3_text", "Gemma3ForCausalLM");

    private static final Pattern BLOCK = Pattern.compile("blk\\.(\\d+)\\.(\\w+)\\.(weight|bias)");
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d+)\\.([\\w.]+)\\.(weight|bias)");

    private static final Map<String, String> WHOLE = Map.of(
            "token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight",
            "output.weight", "lm_head.weight");

    private static final Map<String, String> IN_BLOCK = Map.of(
            "attn_norm", "input_layernorm",
            "attn_q", "self_attn.q_proj",
            "attn_k", "self_attn.k_proj",
            "attn_v", "self_attn.v_proj",
            "attn_output", "self_attn.o_proj",
            "ffn_gate", "mlp.gate_proj",
            "ffn_up", "mlp.up_proj",
            "ffn_down", "mlp.down_proj");

    private static final Map<String, String> HEAD_NORMS =
            Map.of("attn_q_norm", "self_attn.q_norm", "attn_k_norm", "self_attn.k_norm");

    /** Gemma 3 has norms on both sides, which makes {@code ffn_norm} another one than elsewhere. */
    private static final Map<String, String> NORMS_AROUND = Map.of(
            "ffn_norm", "pre_feedforward_layernorm",
            "post_attention_norm", "post_attention_layernorm",
            "post_ffw_norm", "post_feedforward_layernorm");

    private static final Map<String, String> NORMS_BEFORE = Map.of("ffn_norm", "post_attention_layernorm");

    private final String fileName;
    private final String modelType;
    private final String checkpoint;

    GgufArchitecture(String fileName, String modelType, String checkpoint) {
        this.fileName = fileName;
        this.modelType = modelType;
        this.checkpoint = checkpoint;
    }

    /** The architecture that a file's metadata names. */
    static Optional<GgufArchitecture> ofFile(String name) {
        return Arrays.stream(values())
                .filter(each -> each.fileName.equals(name))
                .findFirst();
    }

    /** The architecture that holds a checkpoint's, as {@code config.json} spells it. */
    static Optional<GgufArchitecture> ofCheckpoint(String name) {
        return Arrays.stream(values())
                .filter(each -> each.checkpoints().contains(name))
                .findFirst();
    }

    /** Names of the known architectures in files, for messages. */
    static String knownFiles() {
        return Arrays.stream(values()).map(each -> each.fileName).collect(Collectors.joining(", "));
    }

    /** Names of the known architectures in {@code config.json}, for messages. */
    static String knownCheckpoints() {
        return Arrays.stream(values())
                .flatMap(each -> each.checkpoints().stream())
                .collect(Collectors.joining(", "));
    }

    /** The value of {@code general.architecture}, and the prefix of the keys that belong to it. */
    String fileName() {
        return fileName;
    }

    /** As {@code config.json} spells it in {@code model_type}. */
    String modelType() {
        return modelType;
    }

    /** As {@code config.json} spells it in {@code architectures}. */
    String checkpoint() {
        return checkpoint;
    }

    /** The Hugging Face name of a tensor of a file; one that is not known keeps its name. */
    String checkpointName(String name) {
        Matcher block = BLOCK.matcher(name);
        if (!block.matches()) {
            return WHOLE.getOrDefault(name, name);
        }
        String part = checkpointPart(block.group(2));
        return part == null ? name : "model.layers." + block.group(1) + "." + part + "." + block.group(3);
    }

    /** Name in a file of a weight of a checkpoint; empty if there is no place for it. */
    Optional<String> tensorName(String checkpointName) {
        Matcher layer = LAYER.matcher(checkpointName);
        if (!layer.matches()) {
            return key(WHOLE, checkpointName);
        }
        return List.of(IN_BLOCK, headNorms(), norms()).stream()
                .flatMap(names -> key(names, layer.group(2)).stream())
                .findFirst()
                .map(part -> "blk." + layer.group(1) + "." + part + "." + layer.group(3));
    }

    /** The tensors that every file of so many layers holds, by the file's names. */
    Set<String> required(int layers) {
        Set<String> names = new LinkedHashSet<>(List.of("token_embd.weight", "output_norm.weight"));
        for (int layer = 0; layer < layers; layer++) {
            for (Map<String, String> parts : List.of(IN_BLOCK, headNorms(), norms())) {
                for (String part : new TreeSet<>(parts.keySet())) {
                    names.add("blk." + layer + "." + part + ".weight");
                }
            }
        }
        return names;
    }

    /** True if the rows of queries and keys are interleaved in files: the two halves of each rotated pair side by side. */
    boolean interleaves() {
        return this == LLAMA;
    }

    /** Number that files add to a weight: Gemma's norms multiply by one plus the checkpoint's weight, and files hold the sum. */
    float shift(String tensorName) {
        return this == GEMMA3 && tensorName.endsWith("norm.weight") ? 1 : 0;
    }

    private @Nullable String checkpointPart(String part) {
        return List.of(IN_BLOCK, headNorms(), norms()).stream()
                .map(names -> names.get(part))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** Files of the first architecture hold Mistral's models too, which differ from Llama's by a window only. */
    private List<String> checkpoints() {
        return this == LLAMA ? List.of(checkpoint, "MistralForCausalLM") : List.of(checkpoint);
    }

    private Map<String, String> headNorms() {
        return this == QWEN3 || this == GEMMA3 ? HEAD_NORMS : Map.of();
    }

    private Map<String, String> norms() {
        return this == GEMMA3 ? NORMS_AROUND : NORMS_BEFORE;
    }

    private static Optional<String> key(Map<String, String> names, String value) {
        return names.entrySet().stream()
                .filter(entry -> entry.getValue().equals(value))
                .map(Map.Entry::getKey)
                .findFirst();
    }
}
