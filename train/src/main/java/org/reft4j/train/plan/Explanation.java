package org.reft4j.train.plan;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.reft4j.model.weights.FormatException;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.run.Sheet;

/**
 * A run explained before it begins: its batch arithmetic and memory, what a check of model and data found, an estimate of its time, and its
 * configuration.
 */
public final class Explanation {
    private Explanation() {}

    /**
     * In both forms.
     *
     * @param check the check of the run; empty if something that it needs is not on this machine
     * @param missing the refusal of a configuration that names files which do not exist; it is a better message than that of a later check
     *     that fails for their want
     */
    public static Sheet of(
            ConfigFile.Resolved settings, Optional<RunCheck> check, Optional<? extends ConfigException> missing) {
        TrainingPlan plan;
        try {
            plan = check.map(found -> TrainingPlan.of(settings, found.memory()))
                    .orElseGet(() -> TrainingPlan.of(settings));
        } catch (ConfigException | FormatException e) {
            throw missing.<RuntimeException>map(refusal -> refusal).orElse(e);
        }
        Sheet sheet = new Sheet();
        ObjectNode figures = sheet.figures().setAll(plan.figures());
        sheet.say("%s", plan.text());
        check.ifPresent(found -> {
            sheet.say("%s", CheckWords.text(found));
            CheckWords.put(figures, found);
            TimeEstimate.of(settings.config(), plan, found).ifPresent(time -> {
                sheet.say("%s", time.text());
                figures.set("time", time.figures());
            });
        });
        sheet.say("%s", "Configuration:\n" + settings.yaml().indent(2));
        missing.ifPresent(refusal -> figures.put("refused", refusal.getMessage()));
        figures.put("checked", check.isPresent());
        return sheet;
    }
}
