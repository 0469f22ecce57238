package org.reft4j.model.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.OutputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import org.reft4j.ground.files.Json;

/** Networknt's validator, with formats as assertions. */
final class Validator {
    private final Schema schema;

    Validator(JsonNode schema) {
        this.schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema);
    }

    /** Faults of a text; none if it is JSON of the schema. */
    List<String> faults(String text) {
        try {
            JsonNode value = Json.STRICT.readTree(text);
            ExecutionContext context = new ExecutionContext(
                    ExecutionConfig.builder().formatAssertionsEnabled(true).build());
            schema.validate(context, value, OutputFormat.DEFAULT, _ -> {});
            return context.getErrors().stream().map(Error::toString).toList();
        } catch (JsonProcessingException e) {
            // A key that comes twice is for readers to make something of: the last one counts.
            return String.valueOf(e.getMessage()).contains("Duplicate field")
                    ? List.of()
                    : List.of(String.valueOf(e.getMessage()));
        }
    }
}
