package org.reft4j.task.source;

import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Question;

/** One published spelling of question rows. The formats that are known stand in {@link Datasets#FORMATS}. */
interface RowFormat {
    /** As in a message: {@code OpenAI's GSM8K}. */
    String title();

    /** True if a file with this first row has this format. */
    boolean fits(Row first);

    /** The dataset's name, which the first row of a file decides. */
    String dataset(Row first);

    /**
     * The question of a row.
     *
     * @param dataset of the file's first row
     * @throws DataException naming the row's place, the field and the remedy
     */
    Question question(Row row, String dataset);
}
