package org.reft4j.ground.files;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

/** The shared reader and writer of YAML. What people write is read by {@link org.reft4j.ground.settings.SettingsTree}, which knows lines. */
public final class Yaml {
    /** For what this program wrote itself: one key a line, texts in quotes where they would be read as something else. */
    public static final ObjectMapper PLAIN = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .disable(YAMLGenerator.Feature.SPLIT_LINES)
            .build();

    private Yaml() {}
}
