package org.reft4j.train.plan;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.reft4j.train.recipe.RowLengths;
import org.reft4j.train.recipe.RunCheck;

/** A {@link RunCheck} for people and for programs. */
public final class CheckWords {
    private CheckWords() {}

    public static String text(RunCheck check) {
        StringBuilder text = new StringBuilder("Lengths, in tokens:\n");
        check.lengths()
                .forEach((name, lengths) -> text.append(TrainingPlan.words(
                        "  %-24s %d, median %d, longest %d of at most %d%s%n",
                        name,
                        lengths.count(),
                        lengths.median(),
                        lengths.longest(),
                        lengths.limit(),
                        over(name, lengths))));
        if (!check.warnings().isEmpty()) {
            text.append("\nTo be known:\n");
            check.warnings()
                    .forEach(warning -> text.append("  ").append(warning).append('\n'));
        }
        return text.toString();
    }

    private static String over(String name, RowLengths lengths) {
        if (lengths.over() == 0) {
            return "";
        }
        return "; " + lengths.over()
                + (name.startsWith("validation") ? " are longer and count as wrong" : " are longer and left out");
    }

    public static void put(ObjectNode figures, RunCheck check) {
        ObjectNode all = figures.putObject("lengths");
        check.lengths()
                .forEach((name, lengths) -> all.putObject(name)
                        .put("count", lengths.count())
                        .put("median", lengths.median())
                        .put("longest", lengths.longest())
                        .put("limit", lengths.limit())
                        .put("over", lengths.over()));
        ArrayNode warnings = figures.putArray("warnings");
        check.warnings().forEach(warnings::add);
    }
}
