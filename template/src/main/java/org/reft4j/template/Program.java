package org.reft4j.template;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A template that has been read.
 *
 * @param statements in order
 * @param hidden by body, the names that it hides from its beginning ({@link Names})
 */
record Program(List<Statement> statements, IdentityHashMap<List<Statement>, Set<String>> hidden) {

    /** @throws TemplateException if the template is not written as Jinja demands */
    static Program read(String name, String source) {
        List<Statement> statements = Parser.parse(name, source);
        return new Program(statements, Names.hidden(statements));
    }
}
