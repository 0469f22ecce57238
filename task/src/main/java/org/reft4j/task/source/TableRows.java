package org.reft4j.task.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.csv.CsvFactory;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.reft4j.ground.text.PythonText;
import org.reft4j.task.dataset.DataException;

/**
 * The rows of a table whose first line names the columns (RFC 4180): cells may be quoted, and then hold separators, line breaks and, doubled,
 * quotes. Every cell is a text. Blank lines are passed over.
 */
final class TableRows {
    private static final CsvFactory CSV = CsvFactory.builder()
            .enable(CsvParser.Feature.SKIP_EMPTY_LINES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(JsonRows.LONGEST)
                    .build())
            .build();

    private final Path file;
    private final CsvParser parser;
    private int number;

    private TableRows(Path file, CsvParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /**
     * Reads rows until {@code wanted} says no.
     *
     * @throws DataException if the file is missing, empty, no such table, or not valid UTF-8
     */
    static void read(Path file, char separator, Predicate<Row> wanted) {
        JsonRows.open(file, in -> read(file, in, separator, wanted));
    }

    private static void read(Path file, InputStream in, char separator, Predicate<Row> wanted) throws IOException {
        try (CsvParser parser = CSV.createParser(in)) {
            parser.setSchema(CsvSchema.emptySchema().withColumnSeparator(separator));
            new TableRows(file, parser).read(separator, wanted);
        } catch (StreamConstraintsException e) {
            throw new DataException(
                    file + ": a cell is over the limit (" + JsonLines.words(e) + "); a quote may not be closed", e);
        } catch (JsonProcessingException e) {
            throw new DataException(
                    file + ", line " + e.getLocation().getLineNr() + ": no table: " + JsonLines.words(e)
                            + "; a cell with quotes, separators or line breaks stands in quotes, and quotes in it are doubled",
                    e);
        }
    }

    private void read(char separator, Predicate<Row> wanted) throws IOException {
        if (parser.nextToken() == null) {
            throw new DataException(file + " is empty: fetch it again or give another file");
        }
        List<String> names = header(cells(), separator);
        while (parser.nextToken() != null) {
            long line = parser.currentLocation().getLineNr();
            List<String> cells = cells();
            if (cells.size() != names.size()) {
                throw new DataException(file + ", line " + line + ": " + cells.size() + " cells under " + names.size()
                        + " columns (" + String.join(", ", names)
                        + "); complete the row, or put cells with separators in quotes");
            }
            ObjectNode fields = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < cells.size(); i++) {
                fields.put(names.get(i), cells.get(i));
            }
            if (!wanted.test(new Row(file, "line " + line, number++, fields))) {
                return;
            }
        }
    }

    /** The cells of the row that the parser stands before. */
    private List<String> cells() throws IOException {
        List<String> cells = new ArrayList<>();
        for (JsonToken token = parser.nextToken();
                token != null && token != JsonToken.END_ARRAY;
                token = parser.nextToken()) {
            cells.add(parser.getText());
        }
        return cells;
    }

    private List<String> header(List<String> cells, char separator) {
        List<String> names = cells.stream().map(PythonText::strip).toList();
        Set<String> known = new HashSet<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (name.isEmpty()) {
                throw new DataException(
                        file + ", line 1: column " + (i + 1) + " has no name; the first line names the columns");
            }
            if (!known.add(name)) {
                throw new DataException(file + ", line 1: two columns are called '" + name + "'; rename or remove one");
            }
        }
        char other = names.getFirst().indexOf(';') >= 0 ? ';' : separator == ',' ? '\t' : ',';
        if (names.size() == 1 && names.getFirst().indexOf(other) >= 0) {
            throw new DataException(file + ", line 1: one column only, '" + names.getFirst() + "'; "
                    + (separator == ','
                            ? ".csv has commas between its columns, .tsv tabs"
                            : ".tsv has tabs between its columns, .csv commas")
                    + ": save it so");
        }
        return names;
    }
}
