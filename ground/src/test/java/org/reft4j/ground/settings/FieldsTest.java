package org.reft4j.ground.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FieldsTest {
    private final List<String> faults = new ArrayList<>();

    private Fields fields(String json) {
        return new Fields(
                SettingsTree.parse(json, "x").root(),
                "rungs[0]",
                (key, value, expected) ->
                        faults.add(key + " | " + (value.isMissingNode() ? "missing" : value) + " | " + expected));
    }

    @Test
    void readsWhatIsThereAndTakesTheRestAsAbsent() {
        Fields fields = fields("{text: a, number: 1.5, whole: 7, flag: true, nothing: null, inner: {text: b}}");
        assertEquals("a", fields.text("text"));
        assertEquals(1.5, fields.number("number"));
        assertEquals(7, fields.whole("whole", 0, 7));
        assertTrue(fields.flag("flag", false));
        assertEquals("1.5", fields.word("number", ""), "needs no quotes");
        assertEquals("b", fields.part("inner").text("text"));
        assertEquals("x", fields.text("nothing", "x"));
        assertEquals(3, fields.whole("nothing", 3, 5, 9));
        assertEquals(0.25, fields.number("absent", 0.25));
        assertEquals("eq", fields.choice("absent", List.of("eq"), " or ").isEmpty() ? "eq" : "");
        assertEquals(List.of("rungs[0].absent | missing | a text"), faults);
    }

    @Test
    void everyFaultIsNamedAndReadingGoesOn() {
        Fields fields =
                fields("{text: 1, number: a, whole: 1.5, flag: yes, list: [1], inner: {deep: 2}, nothing: null}");
        assertEquals("", fields.text("text"));
        assertEquals(0, fields.number("number"));
        assertEquals(2, fields.whole("whole", 2, 5));
        assertEquals(1, fields.whole("number", 1, Long.MAX_VALUE));
        assertTrue(fields.flag("flag", true));
        assertEquals("or", fields.word("list", "or"));
        assertEquals("", fields.part("inner").choice("deep", List.of("a", "b"), " or "));
        assertEquals("", fields.text("nothing"));
        fields.refuse("nothing", "something");
        assertEquals(
                List.of(
                        "rungs[0].text | 1 | a text",
                        "rungs[0].number | \"a\" | a number",
                        "rungs[0].whole | 1.5 | a whole number from 2 to 5",
                        "rungs[0].number | \"a\" | a whole number",
                        "rungs[0].flag | \"yes\" | true or false",
                        "rungs[0].list | [1] | a text",
                        "rungs[0].inner.deep | 2 | a text",
                        "rungs[0].nothing | missing | a text",
                        "rungs[0].nothing | missing | something"),
                faults);
    }

    @Test
    void wordsAndKeysAreThoseThatAreKnown() {
        Fields fields = fields("{kind: other, colour: blue, size: 2}");
        assertEquals("other", fields.choice("kind", List.of("a", "b", "c"), ", "));
        assertEquals(List.of("rungs[0].kind | \"other\" | a, b, c"), faults);
        fields.whole("size", 1, 3);
        assertEquals(List.of("kind", "size"), List.copyOf(fields.asked()), "in the order in which they were asked for");
        assertEquals(List.of("colour"), fields.besides(fields.asked()));
        assertEquals(List.of("kind", "size"), fields.besides(Set.of("colour")));
    }
}
