package org.reft4j.server.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ToolCallsTest {
    private static final Set<String> NAMES = Set.of("add", "now");

    private static List<String> calls(String text) {
        return ToolCalls.of(text, NAMES).calls().stream()
                .map(call -> call.name() + call.arguments())
                .toList();
    }

    @Test
    void hermesAndQwen() {
        String one = "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>";
        assertEquals(List.of("add{\"a\":1}"), calls(one));
        assertEquals("", ToolCalls.of(one, NAMES).content());
        assertEquals(
                List.of("add{\"a\":1}", "now{}"),
                calls("Let me see. " + one + "\n<tool_call>{\"name\": \"now\", \"arguments\": {}}</tool_call>"));
        assertEquals("Let me see.", ToolCalls.of("Let me see. " + one, NAMES).content());
        assertEquals(List.of("now{}"), calls("<tool_call>{\"name\": \"now\"}"), "cut off by the end of the turn");
        assertEquals(List.of(), calls("<tool_call>{\"name\": \"now\", </tool_call>"));
        assertEquals(List.of(), calls("<tool_call>{\"name\": \"unknown\"}</tool_call>"));
    }

    @Test
    void llamaAndMistral() {
        assertEquals(List.of("add{\"a\":1}"), calls("{\"name\": \"add\", \"parameters\": {\"a\": 1}}"));
        assertEquals(
                List.of("add{\"a\":1}", "now{}"),
                calls(
                        "<|python_tag|>{\"name\": \"add\", \"parameters\": {\"a\": 1}}; {\"name\": \"now\", \"parameters\": {}}"));
        assertEquals(List.of("now{}"), calls("[TOOL_CALLS][{\"name\": \"now\", \"arguments\": {}}]"));
        assertEquals(List.of(), calls("{\"name\": \"Ada\", \"parameters\": 3}"));
        assertEquals(List.of(), calls("The answer is {\"name\": \"add\"}"));
    }

    @Test
    void whatMayBecomeACallIsHeldBack() {
        assertEquals(3, ToolCalls.certain("abc"));
        assertEquals(3, ToolCalls.certain("abc<tool"));
        assertEquals(4, ToolCalls.certain("abc <tool_call>{"));
        assertEquals(0, ToolCalls.certain(" {\"na"));
        assertEquals(0, ToolCalls.certain("<|py"));
    }
}
