package org.reft4j.task.graders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.networknt.schema.Error;
import com.networknt.schema.ExecutionConfig;
import com.networknt.schema.ExecutionContext;
import com.networknt.schema.OutputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.regex.RegularExpression;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.reft4j.task.grade.GraderFields;

/**
 * A JSON schema of a grader's description, checked once. Nothing is ever fetched: a {@code $ref} leads within the schema. Checking a
 * value ends within {@link #LIMIT}, whatever schema and value are.
 */
final class JsonSchema {
    static final Duration LIMIT = Duration.ofSeconds(1);

    /** Time limit when a description is read: a cold JVM may load hundreds of classes. */
    private static final Duration READING_LIMIT = Duration.ofSeconds(20);

    private static final Duration PATTERN_LIMIT = Duration.ofMillis(200);
    private static final int MAX_LENGTH = 256 * 1024;
    private static final int MAX_DEPTH = 100;
    /** Keywords and positions that one check may be inside of. */
    private static final int MAX_STEPS_IN = 1500;

    private static final List<String> REFERENCES = List.of("$ref", "$dynamicRef", "$recursiveRef");
    private static final List<String> HOSTS = List.of("https://json-schema.org/", "http://json-schema.org/");

    private static final ExecutionConfig CONFIG = ExecutionConfig.builder()
            .locale(Locale.ROOT)
            .formatAssertionsEnabled(true)
            .build();

    private final Schema schema;

    private JsonSchema(Schema schema) {
        this.schema = schema;
    }

    /**
     * A fault of a schema.
     *
     * @param pointer where, as a JSON pointer
     * @param what is wrong
     */
    record Fault(String pointer, String what) {}

    /** The schema is wrong. */
    static final class FaultException extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Fault fault;

        FaultException(Fault fault) {
            super(fault.pointer() + " " + fault.what());
            this.fault = fault;
        }

        Fault fault() {
            return fault;
        }
    }

    /** @throws FaultException if it is no schema, or leads out of itself */
    static JsonSchema of(JsonNode description) {
        requireSane(description, "", 0);
        if (description.toString().length() > MAX_LENGTH) {
            throw new FaultException(new Fault("", "is longer than " + MAX_LENGTH / 1024 + " KiB"));
        }
        SpecificationVersion version = version(description);
        SchemaRegistry registry = registry(version);
        try {
            Schema rules = registry.getSchema(SchemaLocation.of(version.getDialectId()));
            for (Error error : run(rules, description, READING_LIMIT)) {
                throw new FaultException(new Fault(
                        error.getInstanceLocation().toString(),
                        error.getMessage() + " (is " + GraderFields.shown(at(description, error)) + ")"));
            }
            Schema schema = registry.getSchema(description);
            schema.initializeValidators();
            JsonSchema made = new JsonSchema(schema);
            made.probe();
            return made;
        } catch (SchemaException | TimedPattern.TooSlowException e) {
            throw new FaultException(new Fault("", "cannot be used: " + e.getMessage()));
        }
    }

    private static JsonNode at(JsonNode description, Error error) {
        return description.at(error.getInstanceLocation().toString());
    }

    /** Mismatches in the order found; empty if all fits. */
    List<Error> violations(JsonNode value) {
        return run(schema, value, LIMIT);
    }

    private static List<Error> run(Schema schema, JsonNode value, Duration limit) {
        Run run = new Run(limit);
        schema.validate(run, value, OutputFormat.DEFAULT, _ -> {});
        return run.getErrors();
    }

    /** A schema that leads back to itself without going into the value never ends; small values of each type show it. */
    private void probe() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        List<JsonNode> values = List.of(
                json.objectNode(),
                json.arrayNode(),
                json.textNode(""),
                json.numberNode(0),
                json.booleanNode(true),
                json.nullNode());
        for (JsonNode value : values) {
            List<Error> _ = run(schema, value, READING_LIMIT);
        }
    }

    private static SpecificationVersion version(JsonNode description) {
        JsonNode named = description.path("$schema");
        if (named.isMissingNode()) {
            return SpecificationVersion.DRAFT_2020_12;
        }
        String id = named.asText();
        for (SpecificationVersion version : SpecificationVersion.values()) {
            if (bare(version.getDialectId()).equals(bare(id))) {
                return version;
            }
        }
        throw new FaultException(new Fault("/$schema", "is \"" + id + "\", which is no known draft"));
    }

    private static String bare(String id) {
        return id.replaceFirst("^https?:", "").replaceFirst("#$", "");
    }

    private static SchemaRegistry registry(SpecificationVersion version) {
        SchemaRegistryConfig config = SchemaRegistryConfig.builder()
                .locale(Locale.ROOT)
                .regularExpressionFactory(JsonSchema::pattern)
                .build();
        return SchemaRegistry.withDefaultDialect(
                version,
                builder -> builder.schemaRegistryConfig(config)
                        .schemaLoader(loader -> loader.fetchRemoteResources(false)
                                .allow(iri -> HOSTS.stream().anyMatch(iri.toString()::startsWith))));
    }

    private static RegularExpression pattern(String pattern) {
        TimedPattern timed = new TimedPattern(compiled(pattern), PATTERN_LIMIT);
        return timed::find;
    }

    private static Pattern compiled(String pattern) {
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new SchemaException("the pattern " + pattern + " is none: " + e.getDescription());
        }
    }

    /** Refuses what is too deep and what leads out of the schema, by its place. */
    private static void requireSane(JsonNode node, String pointer, int depth) {
        if (depth > MAX_DEPTH) {
            throw new FaultException(new Fault(pointer, "is nested more than " + MAX_DEPTH + " deep"));
        }
        if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                requireSane(node.get(i), pointer + "/" + i, depth + 1);
            }
        }
        node.properties().forEach(field -> {
            String place = pointer + "/" + field.getKey().replace("~", "~0").replace("/", "~1");
            JsonNode value = field.getValue();
            if (value.isTextual() && REFERENCES.contains(field.getKey())) {
                leadsWithin(value.textValue()).ifPresent(why -> {
                    throw new FaultException(new Fault(place, why));
                });
            }
            requireSane(value, place, depth + 1);
        });
    }

    private static Optional<String> leadsWithin(String reference) {
        return reference.startsWith("#")
                ? Optional.empty()
                : Optional.of("is \"" + reference + "\", which leads out of the schema; nothing is fetched");
    }

    /** One check, which ends in time and does not go down without end. The library asks it for its way at every keyword. */
    private static final class Run extends ExecutionContext {
        private final Duration limit;
        private final long deadline;
        private int depth;

        Run(Duration limit) {
            super(CONFIG);
            this.limit = limit;
            this.deadline = System.nanoTime() + limit.toNanos();
        }

        @Override
        public void evaluationPathAddLast(String keyword) {
            step();
            super.evaluationPathAddLast(keyword);
        }

        @Override
        public void evaluationPathAddLast(int index) {
            step();
            super.evaluationPathAddLast(index);
        }

        @Override
        public void evaluationPathRemoveLast() {
            depth--;
            super.evaluationPathRemoveLast();
        }

        private void step() {
            if (++depth > MAX_STEPS_IN) {
                throw new TimedPattern.TooSlowException("the schema leads back to itself without end");
            }
            if (System.nanoTime() - deadline > 0) {
                throw new TimedPattern.TooSlowException("the check took longer than " + limit.toSeconds() + " s");
            }
        }
    }
}
