package org.reft4j.task.source;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Predicate;
import org.reft4j.task.dataset.DataException;

/**
 * The objects of a JSON array or of a JSON Lines file, one at a time; which of the two it is shows in the first
 * character. Neither the file nor an over-long line is ever held in memory.
 */
final class JsonRows {
    /** Bytes in the longest line and in the longest text of an array; anything longer is a damaged file. */
    static final int LONGEST = 32 << 20;

    /** A mapper of its own, because limits of length and depth belong to its parser. */
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(LONGEST)
                    .maxNestingDepth(100)
                    .build())
            .build());

    private final Path file;
    private final Predicate<Row> wanted;
    private int number;
    private long lineNumber = 1;

    private JsonRows(Path file, Predicate<Row> wanted) {
        this.file = file;
        this.wanted = wanted;
    }

    /**
     * Reads rows until {@code wanted} says no.
     *
     * @throws DataException if the file is missing, empty, cut short, no JSON, or not valid UTF-8
     */
    static void read(Path file, Predicate<Row> wanted) {
        open(file, in -> new JsonRows(file, wanted).read(in));
    }

    /**
     * The same of a file that can only be JSON Lines, and may be empty.
     *
     * @throws DataException as {@link #read(Path, Predicate)}
     */
    static void readLines(Path file, Predicate<Row> wanted) {
        open(file, in -> {
            JsonRows rows = new JsonRows(file, wanted);
            rows.skipToFirst(in);
            rows.readLines(in);
        });
    }

    /** Opens a file of text, and says what is wrong with it in words. */
    static void open(Path file, Reading reading) {
        try (InputStream in = new BufferedInputStream(new StrictUtf8(Files.newInputStream(file), file), 1 << 16)) {
            reading.read(in);
        } catch (NoSuchFileException _) {
            throw new DataException(file + " does not exist: check the path");
        } catch (IOException e) {
            throw new DataException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Work on an open file. */
    @FunctionalInterface
    interface Reading {
        void read(InputStream in) throws IOException;
    }

    private void read(InputStream in) throws IOException {
        int first = skipToFirst(in);
        switch (first) {
            case '[' -> readArray(in);
            case '{' -> readLines(in);
            case -1 -> throw new DataException(file + " is empty: fetch it again or give another file");
            default ->
                throw new DataException(file + " does not begin with '[' or '{'; expected a JSON array of objects, or"
                        + " JSON Lines with one object a line; tables end in .csv or .tsv");
        }
    }

    /** Passes over what may stand before the first character, and counts its lines; returns that character, or -1. */
    private int skipToFirst(InputStream in) throws IOException {
        int first;
        do {
            in.mark(1);
            first = in.read();
            lineNumber += first == '\n' ? 1 : 0;
        } while (isBlankOrMark(first));
        in.reset();
        return first;
    }

    /** White space of JSON, or a byte of the byte order mark that some editors put first. */
    private static boolean isBlankOrMark(int c) {
        return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xef || c == 0xbb || c == 0xbf;
    }

    private void readArray(InputStream in) throws IOException {
        try (JsonParser parser = JSON.createParser(in)) {
            parser.nextToken();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Row row = new Row(file, item(parser), number, object(parser));
                if (!wanted.test(row)) {
                    return;
                }
                number++;
            }
            if (parser.nextToken() != null) {
                throw new DataException(file + ", line "
                        + parser.currentTokenLocation().getLineNr() + ": text follows the end of the array; remove it");
            }
        } catch (StreamConstraintsException e) {
            throw new DataException(
                    file + ", item " + (number + 1) + ": over the limit (" + JsonLines.words(e) + "); remove it", e);
        } catch (JsonEOFException e) {
            throw new DataException(
                    file + " ends within item " + (number + 1) + " (line "
                            + e.getLocation().getLineNr() + "): it was cut short; fetch it again",
                    e);
        } catch (JsonProcessingException e) {
            throw new DataException(
                    file + ", item " + (number + 1) + " (line "
                            + e.getLocation().getLineNr() + "): not JSON: " + JsonLines.words(e),
                    e);
        }
    }

    private ObjectNode object(JsonParser parser) throws IOException {
        if (parser.currentToken() == null) {
            throw new JsonEOFException(parser, null, "end of file");
        }
        String where = file + ", " + item(parser);
        if (JSON.readTree(parser) instanceof ObjectNode fields) {
            return fields;
        }
        throw new DataException(where + " is no JSON object: correct it or remove it");
    }

    private String item(JsonParser parser) {
        return "item " + (number + 1) + " (line "
                + parser.currentTokenLocation().getLineNr() + ")";
    }

    private void readLines(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 12);
        for (int c = in.read(); c >= 0; c = in.read()) {
            if (c != '\n') {
                if (line.size() == LONGEST) {
                    throw new DataException(file + ", line " + lineNumber + ": longer than " + (LONGEST >> 20)
                            + " MiB; expected one JSON object a line, so split or remove it");
                }
                line.write(c);
                continue;
            }
            if (!readLine(line)) {
                return;
            }
            lineNumber++;
            line.reset();
        }
        readLine(line);
    }

    private boolean readLine(ByteArrayOutputStream line) {
        String place = "line " + lineNumber;
        String where = file + ", " + place;
        try (JsonParser parser = JSON.createParser(line.toByteArray())) {
            if (parser.nextToken() == null) {
                return true;
            }
            if (!(JSON.readTree(parser) instanceof ObjectNode fields)) {
                throw new DataException(where + " is no JSON object: correct it or remove it");
            }
            if (parser.nextToken() != null) {
                throw new DataException(where + ": text follows the object; put each object on a line of its own");
            }
            return wanted.test(new Row(file, place, number++, fields));
        } catch (JsonEOFException e) {
            throw new DataException(
                    where
                            + ": the object does not end on its line; it was cut short: fetch the file again, or correct the line",
                    e);
        } catch (IOException e) {
            String reason = e instanceof JsonProcessingException json ? JsonLines.words(json) : e.getMessage();
            throw new DataException(where + ": not JSON: " + reason, e);
        }
    }
}
