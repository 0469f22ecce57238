package org.reft4j.ground.files;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** The shared readers and writers of JSON. Nobody changes their settings: a mapper that needs others is a copy. */
public final class Json {
    /** For what this program wrote itself, and for files of others that other readers take as they are. */
    public static final ObjectMapper PLAIN = new ObjectMapper();

    /** For what people write and formats that leave no choice: a key that is given twice and text after the value are refused. */
    public static final ObjectMapper STRICT = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}
}
