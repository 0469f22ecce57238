package org.reft4j.server.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Optional;
import org.reft4j.ground.files.Json;

/**
 * A message between the server and its engine: the lengths of both parts as 32-bit numbers, a JSON object, and bytes.
 *
 * @param head says what it is about
 * @param body arrays, little-endian; mostly empty
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, and never compared
record Frame(ObjectNode head, byte[] body) {
    private static final byte[] NOTHING = {};
    /** Larger ones are no messages but noise: a library wrote to the same pipe. */
    private static final int LARGEST = 1 << 30;

    Frame(ObjectNode head) {
        this(head, NOTHING);
    }

    /** The next message; empty at the end of the stream. */
    static Optional<Frame> read(DataInputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            return Optional.empty();
        }
        int length = first << 24 | in.readUnsignedByte() << 16 | in.readUnsignedShort();
        byte[] head = bytes(in, length);
        byte[] body = bytes(in, in.readInt());
        JsonNode json = Json.PLAIN.readTree(head);
        if (!(json instanceof ObjectNode object)) {
            throw new IOException("a message without an object");
        }
        return Optional.of(new Frame(object, body));
    }

    private static byte[] bytes(DataInputStream in, int length) throws IOException {
        if (length < 0 || length > LARGEST) {
            throw new IOException("a message of " + length + " bytes");
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("a message that ends early");
        }
        return bytes;
    }

    /** Writes it whole. */
    void write(DataOutputStream out) throws IOException {
        byte[] text = Json.PLAIN.writeValueAsBytes(head);
        synchronized (out) {
            out.writeInt(text.length);
            out.write(text);
            out.writeInt(body.length);
            out.write(body);
            out.flush();
        }
    }
}
