package org.reft4j.task.source;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.function.Predicate;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.dataset.DataException;

/**
 * The rows of a Parquet file, as data sets on the hub are stored. Columns become fields; what is null within an object is not there, since
 * Parquet has every field in every row.
 */
final class ParquetRows {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** The library tells people which instructions it does without. Held here, since loggers that nobody holds forget their level. */
    private static final Logger LIBRARY = Logger.getLogger("dev.hardwood");

    static {
        LIBRARY.setLevel(Level.WARNING);
    }

    private ParquetRows() {}

    /**
     * Reads rows until {@code wanted} says no.
     *
     * @throws DataException if the file is missing, damaged or packed in a way that is not known
     */
    static void read(Path file, Predicate<Row> wanted) {
        if (!Files.exists(file)) {
            throw new DataException(file + " does not exist: check the path");
        }
        try (ParquetFileReader reader = ParquetFileReader.open(InputFile.of(file));
                RowReader rows = reader.rowReader()) {
            for (int number = 0; rows.hasNext(); number++) {
                rows.next();
                if (!wanted.test(new Row(file, "row " + (number + 1), number, object(rows, true)))) {
                    return;
                }
            }
        } catch (DataException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new DataException(
                    file + " cannot be read as Parquet (" + e.getMessage()
                            + "): fetch it again, or turn it into JSON Lines, for example by python -c \"import pandas;"
                            + " pandas.read_parquet('in.parquet').to_json('out.jsonl', orient='records', lines=True)\"",
                    e);
        }
    }

    /** @param nulls whether fields without a value are kept as null */
    private static ObjectNode object(StructAccessor struct, boolean nulls) {
        ObjectNode object = JSON.objectNode();
        for (int i = 0; i < struct.getFieldCount(); i++) {
            JsonNode value = struct.isNull(i) ? JSON.nullNode() : node(struct.getValue(i));
            if (nulls || !value.isNull()) {
                object.set(struct.getFieldName(i), value);
            }
        }
        return object;
    }

    private static JsonNode node(@Nullable Object value) {
        return switch (value) {
            case null -> JSON.nullNode();
            case String text -> JSON.textNode(text);
            case Boolean truth -> JSON.booleanNode(truth);
            case Integer number -> JSON.numberNode(number);
            case Long number -> JSON.numberNode(number);
            case Float number -> JSON.numberNode(number);
            case Double number -> JSON.numberNode(number);
            case BigDecimal number -> JSON.numberNode(number);
            case byte[] bytes -> JSON.textNode(Base64.getEncoder().encodeToString(bytes));
            case PqStruct struct -> object(struct, false);
            case PqList list -> list(list);
            case PqMap map -> map(map);
            default -> JSON.textNode(value.toString());
        };
    }

    private static ArrayNode list(PqList list) {
        ArrayNode array = JSON.arrayNode();
        for (int i = 0; i < list.size(); i++) {
            array.add(list.isNull(i) ? JSON.nullNode() : node(list.get(i)));
        }
        return array;
    }

    private static ObjectNode map(PqMap map) {
        ObjectNode object = JSON.objectNode();
        for (PqMap.Entry entry : map.getEntries()) {
            object.set(String.valueOf(entry.getKey()), entry.isValueNull() ? JSON.nullNode() : node(entry.getValue()));
        }
        return object;
    }
}
