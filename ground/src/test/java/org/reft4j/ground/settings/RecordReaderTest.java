package org.reft4j.ground.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.EnumNamingStrategies;
import com.fasterxml.jackson.databind.annotation.EnumNaming;
import com.fasterxml.jackson.databind.node.IntNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.ground.files.Json;

class RecordReaderTest {
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    private enum Heat {
        LOW,
        VERY_HIGH
    }

    private record Oven(
            int plates,
            double pricePerHour,
            @JsonProperty(defaultValue = "very-high") Heat heat,
            @Nullable Timer timer,
            List<String> names) {
        Oven {
            if (plates < 0) {
                throw new SettingException("plates", plates, "0 or more");
            }
        }
    }

    private record Timer(@JsonProperty("bell") boolean rings, long minutes) {}

    private static final String WHOLE = """
            names: [one, 2]
            plates: 4.0
            price-per-hour: 1e-1
            timer:
              bell: true
              minutes: 9000000000
            """;

    private static Oven read(String text) {
        return new RecordReader<>(Oven.class, Map.of()).read(SettingsTree.parse(text, "oven.yaml"));
    }

    @Test
    void becomesTheRecordWithDefaults() {
        Oven oven = read(WHOLE);
        assertEquals(new Oven(4, 0.1, Heat.VERY_HIGH, new Timer(true, 9_000_000_000L), List.of("one", "2")), oven);
        assertEquals(
                new Oven(1, 2, Heat.LOW, null, List.of()),
                read("{\"plates\": 1, \"price-per-hour\": 2, \"heat\": \"Low\", \"names\": []}"));
    }

    /** A part of {@link #WHOLE}, its replacement, and the message. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plates: 4.0|plates: 4.5|oven.yaml:2: plates is 4.5; expected a whole number",
                "plates: 4.0|plates: 5e9|oven.yaml:2: plates is 5E+9; expected a whole number of at most 2147483647",
                "plates: 4.0|plates: -1|oven.yaml:2: plates is -1; expected 0 or more",
                "plates: 4.0|plate: 4|oven.yaml:2: unknown key plate; did you mean plates?",
                "plates: 4.0|minutes: 4|oven.yaml:2: unknown key minutes; did you mean timer.minutes?",
                "plates: 4.0|zzzzzz: 4|oven.yaml:2: unknown key zzzzzz; legal here: plates, price-per-hour, heat, timer, names",
                "names: [one, 2]|heat: hot|oven.yaml:1: heat is hot; expected low or very-high",
                "bell: true|bell: loud|oven.yaml:5: timer.bell is loud; expected true or false",
                "names: [one, 2]|names: one|oven.yaml:1: names is one; expected a list of texts, such as [one, two]",
                "price-per-hour: 1e-1|heat: low|oven.yaml: price-per-hour is missing; give it as \"price-per-hour: 0.1\"",
                "bell: true||oven.yaml:4: timer.bell is missing; give it as \"bell: ...\" under timer",
            })
    void refusesWithPlaceAndRemedy(String part, @Nullable String by, String message) {
        String text = WHOLE.replace(part, by == null ? "" : by);
        assertEquals(
                message, assertThrows(SettingException.class, () -> read(text)).getMessage());
    }

    @Test
    void refusalsAreInParts() {
        SettingException refused =
                assertThrows(SettingException.class, () -> read(WHOLE.replace("plates: 4.0", "plates: -1")));
        assertEquals(
                List.of("oven.yaml:2", "plates", "-1", "0 or more"),
                List.of(refused.place(), refused.key(), refused.value(), refused.expected()));
    }

    private record Doubled(int one, Integer other) {}

    @Test
    void otherTypesHaveReadersOfTheirOwn() {
        RecordReader<Doubled> reader = new RecordReader<>(
                Doubled.class,
                Map.of(
                        Integer.class,
                        new RecordReader.Kind(
                                "a number to be doubled",
                                value -> value.isInt() || value.isBigInteger()
                                        ? IntNode.valueOf(2 * value.intValue())
                                        : null)));
        assertEquals(new Doubled(3, 6), reader.read(SettingsTree.parse("{one: 3, other: 3}", "x")));
        assertEquals(
                "x:1: other is many; expected a number to be doubled",
                assertThrows(
                                SettingException.class,
                                () -> reader.read(SettingsTree.parse("{one: 3, other: many}", "x")))
                        .getMessage());
    }

    @Test
    void defaultsAreThoseOfTheRecordAndOfItsSections() {
        assertEquals(
                "{\"plates\":2,\"heat\":\"very-high\",\"timer\":{}}",
                new RecordReader<>(Oven.class, Map.of())
                        .defaults(Json.PLAIN.createObjectNode().put("plates", 2))
                        .toString());
    }
}
