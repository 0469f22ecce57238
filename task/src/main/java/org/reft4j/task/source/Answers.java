package org.reft4j.task.source;

import java.util.OptionalDouble;
import org.reft4j.ground.text.PythonText;
import org.reft4j.task.dataset.Answer;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.PythonNumber;

/** Targets as the reference code reads them (mwp_ReFT, {@code post_process_final_answer_fn_mapper}). */
final class Answers {
    private Answers() {}

    /**
     * A number; commas, as in {@code 1,000}, are dropped from targets only.
     *
     * @throws DataException if Python's {@code float} refuses it, or nothing could ever equal it
     */
    static Answer numeric(Row row, String field, String raw) {
        OptionalDouble value = PythonNumber.parse(PythonText.strip(raw.replace(",", "")));
        if (value.isEmpty() || !Double.isFinite(value.getAsDouble())) {
            throw row.fault(field, "is '" + raw + "'; expected a finite number", "correct the row or remove it");
        }
        return new Answer.Numeric(raw, value.getAsDouble());
    }
}
