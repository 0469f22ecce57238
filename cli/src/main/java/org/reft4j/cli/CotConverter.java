package org.reft4j.cli;

import java.util.Locale;
import org.reft4j.task.dataset.Cot;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The paper's N-CoT and P-CoT. */
final class CotConverter implements ITypeConverter<Cot> {
    @Override
    public Cot convert(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "p", "program", "p-cot" -> Cot.PROGRAM;
            case "n", "prose", "n-cot" -> Cot.PROSE;
            default -> throw new TypeConversionException("'" + value + "' is neither p (program) nor n (prose)");
        };
    }
}
