package org.reft4j.model.schema;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;

/** Strings that a schema allows, as deterministic automata over characters. */
final class Strings {
    private static final Set<String> KEYWORDS = Set.of("minLength", "maxLength", "pattern", "format");
    private static final int LONGEST = 65_536;
    /** Lucene's measure of work; its own default is ten thousand. */
    private static final int WORK = 1_000_000;

    private Strings() {}

    /** True if a schema says anything about strings but which they are. */
    static boolean limits(JsonNode schema) {
        return KEYWORDS.stream().anyMatch(schema::has);
    }

    static Automaton of(JsonNode schema, String path) {
        try {
            Automaton all = lengths(schema, path);
            for (String pattern : patterns(schema, path)) {
                all = Operations.intersection(all, Pattern.strings(pattern));
            }
            return finished(all);
        } catch (TooComplexToDeterminizeException _) {
            throw SchemaException.at(
                    path, "the strings are too complex to be held while sampling; write a simpler pattern");
        } catch (SchemaException e) {
            throw e.getMessage().startsWith("the pattern") ? SchemaException.at(path, e.getMessage()) : e;
        }
    }

    private static Automaton finished(Automaton automaton) {
        return Operations.removeDeadStates(Operations.determinize(automaton, WORK));
    }

    private static List<String> patterns(JsonNode schema, String path) {
        List<String> patterns = new ArrayList<>();
        if (schema.has("pattern")) {
            if (!schema.get("pattern").isTextual()) {
                throw SchemaException.at(path, "pattern is " + schema.get("pattern") + "; expected a text");
            }
            patterns.add(schema.get("pattern").asText());
        }
        if (schema.has("format")) {
            patterns.addAll(Formats.patterns(schema.get("format").asText(), path));
        }
        return patterns;
    }

    private static Automaton lengths(JsonNode schema, String path) {
        int least = Keywords.count(schema, "minLength", 0, path);
        int most = Keywords.count(schema, "maxLength", Integer.MAX_VALUE, path);
        if (least > LONGEST || (most > LONGEST && most < Integer.MAX_VALUE)) {
            throw SchemaException.at(
                    path, "minLength and maxLength hold up to " + LONGEST + "; lower them or leave them out");
        }
        Automaton automaton = new Automaton();
        int last = most == Integer.MAX_VALUE ? least : most;
        if (least > most) {
            return automaton;
        }
        for (int length = 0; length <= last; length++) {
            automaton.setAccept(automaton.createState(), length >= least);
        }
        for (int length = 0; length < last; length++) {
            automaton.addTransition(length, length + 1, 0, Character.MAX_CODE_POINT);
        }
        if (most == Integer.MAX_VALUE) {
            automaton.addTransition(last, last, 0, Character.MAX_CODE_POINT);
        }
        automaton.finishState();
        return automaton;
    }

    /** These strings and no others. */
    static Automaton oneOf(Collection<String> texts) {
        return finished(
                Operations.union(texts.stream().map(Automata::makeString).toList()));
    }

    /** All strings of an automaton but some. */
    static Automaton without(Automaton all, Collection<String> texts) {
        return texts.isEmpty() ? all : finished(Operations.minus(all, oneOf(texts), WORK));
    }
}
