package org.reft4j.model.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the meaning of {@code adapter_config.json}, by PEFT's rules. */
class AdapterConfigTest {
    private static final List<String> MODULES = List.of(
            "model.layers.0.self_attn.q_proj",
            "model.layers.0.self_attn.v_proj",
            "model.layers.0.mlp.up_proj",
            "model.layers.10.self_attn.q_proj",
            "model.layers.10.mlp.up_proj",
            "lm_head");

    private static AdapterConfig config(String more) {
        try {
            String json = "{'peft_type': 'LORA', 'r': 8, 'lora_alpha': 16, " + more + "}";
            return AdapterConfig.of((ObjectNode) new ObjectMapper().readTree(json.replace('\'', '"')), "adapter.json");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** The numbers of the modules that are meant. */
    private static String meant(String more) {
        AdapterConfig config = config(more);
        return Stream.iterate(0, i -> i < MODULES.size(), i -> i + 1)
                .filter(i -> config.targets(MODULES.get(i), MODULES.get(i).equals("lm_head")))
                .map(String::valueOf)
                .reduce("", String::concat);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'target_modules': ['q_proj']|03",
                "'target_modules': ['proj']|\"\"",
                "'target_modules': ['mlp.up_proj', 'model.layers.0.self_attn.v_proj']|124",
                "'target_modules': ['q_proj', 'lm_head']|035",
                "'target_modules': 'all-linear'|01234",
                "'target_modules': 'ALL-LINEAR'|01234",
                "'target_modules': '.*\\\\.(?P<layer>[0-9])\\\\..*_proj'|012",
                "'target_modules': 'q_proj'|\"\"",
                "'target_modules': ['q_proj', 'up_proj'], 'exclude_modules': ['self_attn.q_proj']|24",
                "'target_modules': 'all-linear', 'exclude_modules': '.*10.*'|012",
                "'target_modules': ['q_proj'], 'layers_to_transform': [10]|3",
                "'target_modules': ['q_proj'], 'layers_to_transform': 0|0",
                "'target_modules': ['q_proj'], 'layers_to_transform': [0], 'layers_pattern': 'layers'|0",
                "'target_modules': ['q_proj'], 'layers_to_transform': [0], 'layers_pattern': ['h']|\"\"",
                "'target_modules': ['q_proj', 'up_proj'], 'modules_to_save': ['mlp']|03",
            })
    void targets(String more, String expected) {
        assertEquals(expected, meant(more));
    }

    @Test
    void modulesToSaveAreFoundByTheEndsOfTheirNames() {
        AdapterConfig config = config("'target_modules': ['q_proj'], 'modules_to_save': ['norm', 'lm_head']");
        assertTrue(config.saves("model.norm") && config.saves("model.layers.0.input_layernorm"));
        assertTrue(config.saves("lm_head") && !config.saves("model.embed_tokens"));
    }

    @Test
    void scalesFollowFromPatterns() {
        String patterns =
                "'target_modules': ['q_proj'], 'rank_pattern': {'layers.0.self_attn.q_proj': 4, '^model.*up_proj': 2},"
                        + " 'alpha_pattern': {'v_proj': 32}";
        AdapterConfig plain = config(patterns);
        assertEquals(4, plain.rank(MODULES.get(0)));
        assertEquals(2, plain.rank(MODULES.get(2)));
        assertEquals(8, plain.rank(MODULES.get(3)));
        assertEquals(16.0 / 4, plain.scale(MODULES.get(0)));
        assertEquals(32.0 / 8, plain.scale(MODULES.get(1)));
        AdapterConfig stable = config(patterns + ", 'use_rslora': true");
        assertEquals(16.0 / 2, stable.scale(MODULES.get(0)));
        assertEquals(32 / Math.sqrt(8), stable.scale(MODULES.get(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'peft_type': 'IA3'|peft_type",
                "'use_dora': true|use_dora",
                "'lora_bias': true|lora_bias",
                "'bias': 'all'|bias",
                "'layer_replication': [[0, 4], [2, 5]]|layer_replication",
                "'trainable_token_indices': [3]|trainable_token_indices",
                "'target_parameters': ['x']|target_parameters",
                "'ensure_weight_tying': true|ensure_weight_tying",
                "'init_lora_weights': 'pissa'|init_lora_weights",
                "'r': 0|a whole number from 1",
                "'lora_alpha': 'x'|lora_alpha",
                "'something_new': 3|something_new",
                "'target_modules': null|target_modules",
            })
    void otherKindsAreRefusedByName(String more, String named) {
        FormatException refusal = assertThrows(
                FormatException.class,
                () -> config(more.contains("target_modules") ? more : "'target_modules': ['q_proj'], " + more));
        String message = String.valueOf(refusal.getMessage());
        assertTrue(message.startsWith("adapter.json: ") && message.contains(named), message);
    }

    @Test
    void aBrokenExpressionIsNamed() {
        AdapterConfig config = config("'target_modules': '('");
        FormatException refusal = assertThrows(FormatException.class, () -> config.targets("lm_head", true));
        assertTrue(String.valueOf(refusal.getMessage()).contains("target_modules"), refusal::toString);
    }
}
