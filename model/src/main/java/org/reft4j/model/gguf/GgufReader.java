package org.reft4j.model.gguf;

import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.MappedFile;

/**
 * Reads the head of a GGUF file from front to back. Every count is checked against the bytes that are left before anything of that
 * size is made.
 */
final class GgufReader {
    private static final int DEEPEST = 4;
    /** Limit of all lists together. Far above any vocabulary; so many boxed values still fit the heap. */
    private static final long MOST_ITEMS = 1 << 23;
    /** Far above any template. */
    private static final long LONGEST_TEXT = 64 << 20;
    /** Far above any head: what it says is held in memory. */
    private static final long LONGEST_HEAD = 256 << 20;

    private final MappedFile file;
    private long at;
    private long items;

    GgufReader(MappedFile file) {
        this.file = file;
    }

    long position() {
        return at;
    }

    int u8(String what) {
        return file.bytes().get(ValueLayout.JAVA_BYTE, advance(1, what)) & 0xFF;
    }

    int u16(String what) {
        return file.bytes().get(MappedFile.SHORT, advance(2, what)) & 0xFFFF;
    }

    int i32(String what) {
        return file.bytes().get(MappedFile.INT, advance(4, what));
    }

    long u32(String what) {
        return Integer.toUnsignedLong(i32(what));
    }

    long i64(String what) {
        return file.bytes().get(MappedFile.LONG, advance(8, what));
    }

    /** An unsigned 64-bit number that must fit a signed one. */
    long u64(String what) {
        long value = i64(what);
        if (value < 0) {
            throw damaged(what + " is " + Long.toUnsignedString(value) + ", larger than any file");
        }
        return value;
    }

    /** A count of things that take at least {@code smallest} bytes each. */
    long count(String what, long smallest) {
        long count = u64(what);
        if (count > (file.size() - at) / smallest) {
            throw damaged(what + " is " + count + " but only " + (file.size() - at) + " bytes are left");
        }
        return count;
    }

    String text(String what) {
        long length = count("length of " + what, 1);
        if (length > LONGEST_TEXT) {
            throw damaged("length of " + what + " is " + length + "; expected at most " + LONGEST_TEXT);
        }
        byte[] bytes = file.bytes().asSlice(advance(length, what), length).toArray(ValueLayout.JAVA_BYTE);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw damaged(what + " is not valid UTF-8", e);
        }
    }

    /** A metadata value with its type in front. */
    GgufValue value(String key) {
        return value(key, i32("type of " + key), 0);
    }

    private GgufValue value(String key, int type, int depth) {
        return switch (type) {
            case 0 -> new GgufValue.Whole(u8(key));
            case 1 -> new GgufValue.Whole((byte) u8(key));
            case 2 -> new GgufValue.Whole(u16(key));
            case 3 -> new GgufValue.Whole((short) u16(key));
            case 4 -> new GgufValue.Whole(u32(key));
            case 5 -> new GgufValue.Whole(i32(key));
            case 6 -> new GgufValue.Real(Float.intBitsToFloat(i32(key)));
            case 7 -> new GgufValue.Flag(u8(key) != 0);
            case 8 -> new GgufValue.Text(text(key));
            case 9 -> items(key, depth);
            case 10 -> new GgufValue.Whole(u64(key));
            case 11 -> new GgufValue.Whole(i64(key));
            case 12 -> new GgufValue.Real(Double.longBitsToDouble(i64(key)));
            default ->
                throw damaged("metadata " + key + " has the unknown type " + Integer.toUnsignedString(type)
                        + "; expected 0 to 12");
        };
    }

    private GgufValue items(String key, int depth) {
        if (depth == DEEPEST) {
            throw damaged("metadata " + key + " nests lists more than " + DEEPEST + " deep");
        }
        int type = i32("type of the items of " + key);
        long count = count("number of items of " + key, smallest(key, type));
        if (count > MOST_ITEMS - items) {
            throw damaged("metadata " + key + " has " + count + " items; expected at most " + MOST_ITEMS
                    + " in all lists together");
        }
        items += count;
        List<GgufValue> items = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            items.add(value(key, type, depth + 1));
        }
        return new GgufValue.Items(items);
    }

    private long smallest(String key, int type) {
        return switch (type) {
            case 0, 1, 7 -> 1;
            case 2, 3 -> 2;
            case 4, 5, 6 -> 4;
            case 8, 10, 11, 12 -> 8;
            case 9 -> 12;
            default ->
                throw damaged("the items of metadata " + key + " have the unknown type "
                        + Integer.toUnsignedString(type) + "; expected 0 to 12");
        };
    }

    private long advance(long bytes, String what) {
        if (bytes > file.size() - at) {
            throw damaged("the file ends at byte " + file.size() + " within " + what + ". It is cut short");
        }
        long start = at;
        at += bytes;
        if (at > LONGEST_HEAD) {
            throw damaged("the head is longer than " + LONGEST_HEAD + " bytes");
        }
        return start;
    }

    FormatException damaged(String what) {
        return new FormatException(message(what));
    }

    FormatException damaged(String what, Throwable cause) {
        return new FormatException(message(what), cause);
    }

    private String message(String what) {
        return file.path() + ": " + what + ". Download or convert the file again";
    }
}
