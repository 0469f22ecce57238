package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.tensor.Torch;

/** What no family does is named, with what is known instead; never left out in silence. */
class RefusedModelsTest {
    @BeforeEach
    void start() {
        Torch.start();
    }

    private static void unsupported(TinyFamilies tiny, Consumer<ObjectNode> change, String... words) {
        refused(UnsupportedModelException.class, tiny, change, words);
    }

    private static void impossible(TinyFamilies tiny, Consumer<ObjectNode> change, String... words) {
        refused(FormatException.class, tiny, change, words);
    }

    private static void refused(
            Class<? extends RuntimeException> type, TinyFamilies tiny, Consumer<ObjectNode> change, String... words) {
        String message =
                String.valueOf(assertThrows(type, () -> tiny.create(change).close(), tiny.name())
                        .getMessage());
        assertTrue(message.startsWith("config.json"), message);
        for (String word : words) {
            assertTrue(message.contains(word), message);
        }
    }

    @Test
    void inEveryFamily() {
        for (TinyFamilies tiny : TinyFamilies.ALL) {
            unsupported(
                    tiny,
                    json -> json.putObject("quantization_config").put("quant_method", "gptq"),
                    "gptq",
                    "bfloat16",
                    "GGUF");
            unsupported(tiny, json -> json.put("final_logit_softcapping", 30), "final_logit_softcapping is 30", "null");
            unsupported(tiny, json -> json.put("attn_logit_softcapping", 50), "attn_logit_softcapping is 50");
            unsupported(
                    tiny,
                    json -> json.put("hidden_act", "mish")
                            .put("hidden_activation", "mish")
                            .put("activation_function", "mish"),
                    "mish",
                    "gelu_new",
                    "relu");
        }
        unsupported(
                TinyFamilies.OPT,
                json -> json.putArray("architectures").add("MambaForCausalLM"),
                "MambaForCausalLM",
                "LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM, Qwen3ForCausalLM, Gemma3ForCausalLM,"
                        + " OPTForCausalLM, GPT2LMHeadModel, CodeGenForCausalLM");
    }

    @Test
    void rotarySettings() {
        for (String kind : new String[] {"dynamic", "longrope", "su", "mrope"}) {
            for (TinyFamilies tiny : new TinyFamilies[] {
                TinyFamilies.LLAMA, TinyFamilies.MISTRAL, TinyFamilies.QWEN2, TinyFamilies.QWEN3, TinyFamilies.GEMMA3
            }) {
                unsupported(
                        tiny,
                        json -> {
                            json.remove("rope_parameters");
                            json.putObject("rope_scaling").put("type", kind).put("factor", 2);
                        },
                        "\"" + kind + "\"",
                        "default, linear, llama3, yarn");
            }
        }
        unsupported(
                TinyFamilies.QWEN2,
                json -> json.putObject("rope_parameters")
                        .putObject("full_attention")
                        .put("rope_theta", 5),
                "rope_parameters",
                "full_attention",
                "all layers share");
        impossible(
                TinyFamilies.GEMMA3,
                json -> json.putObject("rope_parameters").put("rope_theta", 5),
                "rope_parameters",
                "full_attention");
        impossible(TinyFamilies.QWEN3, json -> json.put("head_dim", 7), "head_dim", "even");
    }

    @Test
    void layersAndWindows() {
        unsupported(
                TinyFamilies.QWEN3,
                json -> json.putArray("layer_types").add("full_attention").add("linear_attention"),
                "linear_attention",
                "sliding_attention");
        impossible(TinyFamilies.GEMMA3, json -> json.putArray("layer_types").add("full_attention"), "layer_types", "3");
        impossible(
                TinyFamilies.QWEN3,
                json -> json.putArray("layer_types").add("full_attention").add("sliding_attention"),
                "sliding_attention",
                "use_sliding_window");
        impossible(TinyFamilies.MISTRAL, json -> json.put("sliding_window", 0), "sliding_window");
    }

    @Test
    void whatOneFamilyHas() {
        unsupported(TinyFamilies.OPT, json -> json.put("word_embed_proj_dim", 16), "word_embed_proj_dim is 16", "32");
        unsupported(TinyFamilies.GPT2, json -> json.put("add_cross_attention", true), "add_cross_attention");
        unsupported(
                TinyFamilies.GEMMA3,
                json -> json.put("use_bidirectional_attention", true),
                "use_bidirectional_attention");
        impossible(TinyFamilies.CODEGEN, json -> json.put("n_head", 2), "n_head", "multiple of 4");
        impossible(TinyFamilies.CODEGEN, json -> json.putNull("rotary_dim"), "rotary_dim");
        impossible(TinyFamilies.CODEGEN, json -> json.put("rotary_dim", 10), "rotary_dim", "(8)");
        impossible(TinyFamilies.GPT2, json -> json.put("n_head", 5), "n_embd", "n_head");
    }
}
