package org.reft4j.model.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.reft4j.ground.files.Json;

/** Each keyword by hand: texts that it allows and texts that it does not, and what is refused. */
class KeywordsTest {

    /** Schema, texts that fit and texts that do not, separated by two blanks. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            value = {
                "{'type': 'null'} ¦ null ¦ nul  0  false",
                "{'type': 'boolean'} ¦ true  false ¦ 1  'true'",
                "{'type': ['boolean', 'null']} ¦ true  null ¦ 0",
                "{'type': 'boolean', 'nullable': true} ¦ false  null ¦ 0",
                "{'type': 'integer'} ¦ 0  -7  123456789012345678 ¦ 01  1.0  -0  1e3  1234567890123456789",
                "{'type': 'integer', 'minimum': -12, 'maximum': 105} ¦ -12  -1  0  99  105 ¦ -13  106  1000  -100",
                "{'type': 'integer', 'exclusiveMinimum': 7, 'exclusiveMaximum': 9} ¦ 8 ¦ 7  9  80",
                "{'type': 'integer', 'minimum': 0.5, 'maximum': 2.5} ¦ 1  2 ¦ 0  3",
                "{'type': 'integer', 'multipleOf': 7} ¦ 0  -14  7  700 ¦ 1  6  8  70.0",
                "{'type': 'number'} ¦ 0  1.5  -0.25  1e10  2.5E-3 ¦ .5  1.  +1  1e100  -0",
                "{'type': 'number', 'minimum': -0.5, 'maximum': 1.25} ¦ -0.5  -0.25  0  1.25  1.2  1.250 ¦ -0.6  1.26  2  1e0",
                "{'type': 'number', 'exclusiveMinimum': 0, 'exclusiveMaximum': 1} ¦ 0.1  0.001  0.999 ¦ 0  0.0  1  1.0",
                "{'type': 'number', 'multipleOf': 0.01} ¦ 1  2.5  2.55 ¦ 2.555",
                "{'type': 'number', 'multipleOf': 0.5} ¦ ¦ refused",
                "{'type': 'string'} ¦ ''  'é日'  '\\n'  '\\u00e9'  '\\ud83d\\ude00'  '\\\\' ¦ x  '\\x'  '\\ud83d'  '",
                "{'type': 'string', 'minLength': 1, 'maxLength': 2} ¦ 'a'  '日本'  '\\u00e9\\n'  '😀😀' ¦ ''  'abc'",
                "{'type': 'string', 'pattern': '^[a-c]+\\\\d?$'} ¦ 'abc'  'b7' ¦ ''  'abd'  '7'  'a77'",
                "{'type': 'string', 'pattern': 'x|^y'} ¦ 'axb'  'yb' ¦ 'ay'",
                "{'type': 'string', 'pattern': '^(?:ab){2,3}?$', 'maxLength': 4} ¦ 'abab' ¦ 'ab'  'ababab'",
                "{'type': 'string', 'pattern': '^[^a\\\\s]$'} ¦ 'b'  '\\\"' ¦ 'a'  ' '  '\\n'",
                "{'type': 'string', 'format': 'date'} ¦ '2024-02-29'  '1999-12-31' ¦ '2023-02-29'  '2024-13-01'  '24-01-01'",
                "{'type': 'string', 'format': 'date-time'} ¦ '2024-02-29T23:59:59Z'  '2024-01-01T00:00:00.5+01:00' ¦ '2024-01-01'",
                "{'type': 'string', 'format': 'duration'} ¦ 'P1D'  'PT5M'  'P2W' ¦ 'P'  'PT'  '1D'",
                "{'type': 'string', 'format': 'email'} ¦ 'a.b@x-y.org' ¦ 'a@b'  '@x.org'  'a b@x.org'",
                "{'type': 'string', 'format': 'ipv4'} ¦ '0.10.255.1' ¦ '256.1.1.1'  '01.1.1.1'",
                "{'type': 'string', 'format': 'ipv6'} ¦ '::'  '1:2:3:4:5:6:7:8'  'fe80::1' ¦ '1:2'  ':::'",
                "{'type': 'string', 'format': 'uuid'} ¦ '123e4567-e89b-12d3-a456-426614174000' ¦ '123'",
                "{'enum': ['a', 1, null, {'x': [1]}]} ¦ 'a'  1  null  {'x':[1]}  {'x':_[1]} ¦ 'b'  2  {'x':1}",
                "{'const': 'a\\\"b'} ¦ 'a\\\"b' ¦ 'a'",
                "{'type': 'string', 'enum': ['a', 'bbb', 3], 'maxLength': 2} ¦ 'a' ¦ 'bbb'  3",
                "{'type': 'integer', 'enum': [1, 2.5, 7], 'maximum': 5} ¦ 1 ¦ 2.5  7",
                "{'type': 'array', 'items': {'type': 'integer'}} ¦ []  [1]  [1,2]  [_1,_2_] ¦ ['a']  [1,]  [,1]  [1 ,2]",
                "{'type': 'array', 'minItems': 1, 'maxItems': 2} ¦ [1]  [1,'a'] ¦ []  [1,2,3]",
                "{'type': 'array', 'prefixItems': [{'type': 'null'}, {'type': 'boolean'}], 'items': false} ¦ []  [null]  [null,true] ¦ [true]  [null,true,1]",
                "{'type': 'array', 'prefixItems': [{'type': 'null'}], 'items': {'type': 'integer'}, 'minItems': 2} ¦ [null,1]  [null,1,2] ¦ [null]",
                "{'type': 'object', 'properties': {'a': {'type': 'null'}, 'b': {'type': 'null'}}, 'required': ['b'], 'additionalProperties': false} ¦ {'b':null}  {'a':null,'b':null}  {_'b':_null_} ¦ {}  {'a':null}  {'b':null,'a':null}  {'b':null,'c':1}",
                "{'type': 'object', 'properties': {'a': {'type': 'null'}}} ¦ {}  {'a':null}  {'z':[1]}  {'a':null,'z':{}} ¦ {'a':1}  {'z':1,'a':1}",
                "{'type': 'object', 'additionalProperties': {'type': 'integer'}} ¦ {}  {'x':1,'y':2} ¦ {'x':'a'}",
                "{'type': 'object', 'properties': {'ab': {'type': 'null'}}, 'additionalProperties': {'type': 'integer'}} ¦ {'a':1}  {'abc':1} ¦ {'ab':1}  {'\\u0061b':1}",
                "{'type': 'object', 'properties': {'a': false, 'b': {'type': 'null'}}, 'additionalProperties': false} ¦ {}  {'b':null} ¦ {'a':1}",
                "{'type': 'object', 'required': ['k'], 'additionalProperties': {'type': 'null'}} ¦ {'k':null}  {'k':null,'l':null} ¦ {}  {'k':1}",
                "{'type': 'object', 'properties': {'a': {'type': 'null'}, 'b': {'type': 'null'}}, 'additionalProperties': false, 'minProperties': 1, 'maxProperties': 1} ¦ {'a':null}  {'b':null} ¦ {}  {'a':null,'b':null}",
                "{'type': 'object', 'propertyNames': {'pattern': '^[a-z]$'}} ¦ {'a':1} ¦ {'A':1}  {'ab':1}",
                "{'type': 'object', 'properties': {'größe': {'type': 'null'}}, 'additionalProperties': false} ¦ {'größe':null} ¦ {'gr':null}",
                "{'anyOf': [{'type': 'integer'}, {'type': 'string', 'maxLength': 1}]} ¦ 1  'a' ¦ 'ab'  1.5",
                "{'type': 'object', 'properties': {'a': {'type': 'null'}, 'b': {'type': 'null'}}, 'additionalProperties': false, 'anyOf': [{'required': ['a']}, {'required': ['b']}]} ¦ {'a':null}  {'b':null}  {'a':null,'b':null} ¦ {}",
                "{'oneOf': [{'type': 'integer'}, {'type': 'string'}]} ¦ 1  'a' ¦ null",
                "{'allOf': [{'$ref': '#/$defs/short'}, {'minLength': 1}], '$defs': {'short': {'type': 'string', 'maxLength': 2}}} ¦ 'a'  'ab' ¦ ''  'abc'",
                "{'$ref': '#/$defs/short', 'minLength': 1, '$defs': {'short': {'type': 'string', 'maxLength': 2}}} ¦ 'a' ¦ ''  'abc'",
                "{'type': 'object', 'properties': {'next': {'anyOf': [{'$ref': '#'}, {'type': 'null'}]}}, 'required': ['next'], 'additionalProperties': false} ¦ {'next':null}  {'next':{'next':{'next':null}}} ¦ {'next':{}}  {'next':1}",
                "{'properties': {'a': {'type': 'null'}}, 'additionalProperties': false} ¦ {}  {'a':null} ¦ 1  []",
                "{} ¦ 1  {'a':[null,{'b':'c'}]}  [[]] ¦ x  {'a'}",
                "{'type': 'integer', 'title': 'T', 'description': 'd', 'default': 1, 'examples': [1], '$comment': 'c', 'x-own': 1, 'minLength': 3} ¦ 1 ¦ a",
            })
    void holds(String schema, String fitting, String others) throws JsonProcessingException {
        String json = schema.replace('\'', '"');
        if ("refused".equals(others)) {
            assertThrows(SchemaException.class, () -> ConstraintTest.constraint(json));
            return;
        }
        Constraint constraint = ConstraintTest.constraint(json);
        Validator validator = new Validator(Json.PLAIN.readTree(json));
        boolean known = !json.contains("nullable") && !json.contains("\"email\"");
        for (String text : texts(fitting)) {
            assertTrue(constraint.fault(text).isEmpty(), () -> text + " at " + constraint.fault(text));
            assertTrue(!known || validator.faults(text).isEmpty(), () -> "the validator disagrees on " + text);
        }
        for (String text : texts(others)) {
            assertTrue(constraint.fault(text).isPresent(), text);
        }
    }

    private static List<String> texts(String all) {
        return Optional.ofNullable(all).stream()
                .flatMap(text -> List.of(text.strip().split("  ", -1)).stream())
                .map(text -> text.replace('\'', '"').replace('_', ' '))
                .toList();
    }

    /** Nothing, a space, or a line break with an indentation; what a model would write, and no more. */
    @Test
    void whiteSpace() {
        Constraint constraint = ConstraintTest.constraint(
                "{\"type\": \"object\", \"properties\": {\"a\": {\"type\": \"array\"}}, \"additionalProperties\": false}");
        for (String fits : List.of(
                "{\"a\":[]}",
                "{\"a\": []}",
                "{\n  \"a\": [\n    1,\n    2\n  ]\n}",
                " {}",
                "\n{ }",
                "{\n" + " ".repeat(20) + "}")) {
            assertTrue(constraint.fault(fits).isEmpty(), fits);
        }
        for (String other : List.of(
                "{\"a\":  []}",
                "{\"a\":\n[]}",
                "{\"a\" :[]}",
                "{}\n",
                "{} ",
                "  {}",
                "{\n\n}",
                "{\t}",
                "{\n" + " ".repeat(21) + "}")) {
            assertTrue(constraint.fault(other).isPresent(), other);
        }
    }

    @Test
    void anyObject() {
        Constraint constraint = Constraint.of(ResponseFormat.ANY_OBJECT, ByteTokens.trie());
        assertTrue(constraint.fault("{\"a\": {\"b\": [1, \"x\", {}]}}").isEmpty());
        assertEquals(0, constraint.fault("[1]").orElseThrow());
        assertEquals(4, constraint.fault("{\"a\"").orElseThrow(), "something is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            value = {
                "{'type': 'object', 'properties': {'a': {'not': {}}}} ¦ at /properties/a: the keyword \"not\" cannot be held",
                "{'type': 'array', 'items': {'if': true}} ¦ at /items: the keyword \"if\"",
                "{'anyOf': [true, {'patternProperties': {}}]} ¦ at /anyOf/1: the keyword \"patternProperties\"",
                "{'type': 'array', 'uniqueItems': true} ¦ uniqueItems cannot be held",
                "{'type': 'array', 'items': [{}]} ¦ items is a list; write prefixItems",
                "{'type': 'strin'} ¦ type is \"strin\"; expected one of null, boolean",
                "{'type': 'string', 'format': 'iri'} ¦ format \"iri\" cannot be held while sampling; expected one of date",
                "{'type': 'string', 'pattern': '(?=a)b'} ¦ the schema: the pattern (?=a)b looks ahead or behind",
                "{'type': 'string', 'pattern': 'a('} ¦ the pattern a( has a ( that is not closed",
                "{'type': 'string', 'pattern': '\\\\bword'} ¦ the pattern \\bword has \\b, which is not read",
                "{'type': 'string', 'pattern': '^(a|b'} ¦ that is not closed",
                "{'$ref': 'https://x.org/schema'} ¦ $ref is \"https://x.org/schema\"; expected a place in this schema",
                "{'$ref': '#/$defs/a'} ¦ which the schema does not have",
                "{'$defs': {'a': {'$ref': '#/$defs/a'}}, '$ref': '#/$defs/a'} ¦ no finite value",
                "{'$defs': {'a': {'anyOf': [{'$ref': '#/$defs/a'}, {'type': 'null'}]}}, '$ref': '#/$defs/a'} ¦ refers to itself with nothing in between",
                "{'type': 'object', 'properties': {'a': {'$ref': '#'}}, 'required': ['a']} ¦ no finite value",
                "{'oneOf': [{'type': 'integer'}, {'type': 'number'}]} ¦ no. 1 and no. 2 may allow the same value",
                "{'oneOf': [{'type': 'string', 'pattern': '^a'}, {'type': 'string', 'maxLength': 2}]} ¦ may allow the same value",
                "{'type': 'object', 'minProperties': 1} ¦ minProperties beside additional properties",
                "{'type': 'array', 'maxItems': -1} ¦ maxItems is -1; expected a whole number from 0 on",
                "{'type': 'array', 'maxItems': 1000000} ¦ more than 500000 states",
                "{'type': 'integer', 'minimum': 5, 'maximum': 4} ¦ no finite value",
                "{'type': 'integer', 'exclusiveMinimum': true} ¦ exclusiveMinimum is true; expected a number",
                "{'type': 'string', 'maxLength': 100000} ¦ hold up to 65536",
                "{'type': 'string', 'pattern': '^a', 'allOf': [{'pattern': 'b$'}]} ¦ \"pattern\" is asked twice",
                "{'type': 'object', 'additionalProperties': false, 'allOf': [{'properties': {'a': true}}]} ¦ name other properties (\"a\")",
                "{'enum': []} ¦ no finite value",
                "{'properties': 3} ¦ properties is 3; expected an object",
                "3 ¦ 3 is no schema",
            })
    void refuses(String schema, String message) {
        SchemaException refused =
                assertThrows(SchemaException.class, () -> ConstraintTest.constraint(schema.replace('\'', '"')));
        assertTrue(String.valueOf(refused.getMessage()).contains(message), String.valueOf(refused.getMessage()));
    }

    @Test
    void bothSpellingsOfAFormat() throws JsonProcessingException {
        JsonNode nested = Json.PLAIN.readTree(
                "{\"type\": \"json_schema\", \"json_schema\": {\"name\": \"n\", \"strict\": true, \"schema\": {\"type\": \"null\"}}}");
        JsonNode flat = Json.PLAIN.readTree(
                "{\"type\": \"json_schema\", \"schema\": {\"type\": \"null\"}, \"strict\": true, \"name\": \"n\"}");
        assertEquals(ResponseFormat.read(nested), ResponseFormat.read(flat));
        assertEquals(nested, ResponseFormat.read(flat).orElseThrow().json());
        assertEquals(
                Optional.of(ResponseFormat.ANY_OBJECT),
                ResponseFormat.read(Json.PLAIN.readTree("{\"type\": \"json_object\"}")));
        assertEquals(Optional.empty(), ResponseFormat.read(Json.PLAIN.readTree("{\"type\": \"text\"}")));
        for (String wrong : List.of(
                "{\"type\": \"json_schema\"}",
                "{\"type\": \"grammar\"}",
                "{\"type\": \"json_object\", \"schema\": {}}",
                "{\"type\": \"json_schema\", \"json_schema\": {\"schema\": {}, \"other\": 1}}",
                "[]")) {
            JsonNode given = Json.PLAIN.readTree(wrong);
            assertThrows(SchemaException.class, () -> ResponseFormat.read(given), wrong);
        }
    }
}
