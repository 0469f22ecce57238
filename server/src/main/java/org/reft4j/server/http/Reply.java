package org.reft4j.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;

/** The answer to a request. */
public sealed interface Reply {
    /** A JSON value. */
    record Json(int status, JsonNode body) implements Reply {}

    /**
     * Bytes from memory.
     *
     * @param type media type
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody asks whether two replies are equal
    record Bytes(int status, String type, byte[] body) implements Reply {
        @Override
        public byte[] body() {
            return body.clone();
        }
    }

    /**
     * A file, or its beginning.
     *
     * @param type media type
     * @param name file name that browsers suggest
     */
    record File(Path path, String type, String name) implements Reply {}

    /** A stream that is written as it comes to be, such as events of a job or tokens of a completion. */
    record Stream(String type, Writer writer) implements Reply {}

    /** A reply with header fields of its own. */
    record Headed(Map<String, String> headers, Reply reply) implements Reply {}

    /** Writes a stream. It ends when the method returns; a client that went away is an {@link IOException}. */
    @FunctionalInterface
    interface Writer {
        /** @param out flushed after each event; fails once the server is to end, so a stream without end says something now and then */
        void write(OutputStream out) throws IOException;
    }

    static Reply json(JsonNode body) {
        return new Json(200, body);
    }
}
