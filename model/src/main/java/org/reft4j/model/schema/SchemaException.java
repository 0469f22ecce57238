package org.reft4j.model.schema;

/** A response format or a schema that cannot be held while sampling. The message names the place. */
public final class SchemaException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    SchemaException(String message) {
        super(message);
    }

    /** @param path JSON pointer of the place in the schema; empty for all of it */
    static SchemaException at(String path, String fault) {
        return new SchemaException("the schema" + (path.isEmpty() ? "" : " at " + path) + ": " + fault);
    }
}
