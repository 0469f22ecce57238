package org.reft4j.ground.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTreeTest {
    @Test
    void everyKeyHasItsLine() {
        SettingsTree tree = SettingsTree.parse("a: 1\nb:\n  c: {d: 2}\n", "x.yaml");
        assertEquals("{\"a\":1,\"b\":{\"c\":{\"d\":2}}}", tree.root().toString());
        assertEquals("x.yaml:1", tree.place("a"));
        assertEquals("x.yaml:3", tree.place("b.c.d"));
        assertEquals("x.yaml:3", tree.place("b.c.e.f"), "that of the section around it");
        assertEquals("x.yaml", tree.place("z"));
        assertEquals(
                "x.yaml:1",
                SettingsTree.parse("{\"a\": [1, {\"b\": 2}]}", "x.yaml").place("a.b"));
    }

    /** YAML 1.2's core schema, which is not what YAML 1.1 and Java make of them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "3e-7|3E-7",
                "n|\"n\"",
                "yes|\"yes\"",
                "~|null",
                "True|true",
                "+5|5",
                "017|17",
                "'12'|\"12\"",
                "1_000|\"1_000\"",
                "12345678901234567890123456789012345678901|\"12345678901234567890123456789012345678901\"",
                "C:\\runs: #1|\"C:\\\\runs: #1\"",
                "[a, 1]|[\"a\",1]",
            },
            quoteCharacter = '`')
    void readsOneValue(String text, String json) {
        assertEquals(json, SettingsTree.value(text, "here").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a: 1;a: 2|x.yaml:2: a is given twice, first at x.yaml:1; keep one",
                "a: {b: 1, b: 2}|x.yaml:1: a.b is given twice, first at x.yaml:1; keep one",
                "a: &x [1];b: *x|x.yaml:1: anchors and aliases are not supported; repeat the value at b",
                "[1, 2]: 3|x.yaml:1: a key must be a word",
                "- 1|x.yaml:1: expected keys and values",
                "a: [1|x.yaml:1: not valid YAML: ",
            })
    void namesTheLineOfAFault(String text, String message) {
        SettingException refused =
                assertThrows(SettingException.class, () -> SettingsTree.parse(text.replace(';', '\n'), "x.yaml"));
        assertTrue(String.valueOf(refused.getMessage()).startsWith(message), refused::getMessage);
    }

    @Test
    void filesAreUtf8(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("x.json"), new byte[] {'{', (byte) 0xe9, '}'});
        assertEquals(
                file + ": is not UTF-8 text; save it as UTF-8",
                assertThrows(SettingException.class, () -> SettingsTree.read(file))
                        .getMessage());
        assertEquals(
                folder + ": cannot be read: it is a folder",
                assertThrows(SettingException.class, () -> SettingsTree.read(folder))
                        .getMessage());
    }
}
