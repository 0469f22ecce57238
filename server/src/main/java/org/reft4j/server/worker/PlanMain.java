package org.reft4j.server.worker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.reft4j.ground.files.Json;
import org.reft4j.tensor.Calibration;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.plan.Explanation;
import org.reft4j.train.plan.RunCheck;
import org.reft4j.train.plan.TrainingPlan;

/** A process that works out what a run would take, as {@code reft train --explain} does, and ends. */
public final class PlanMain {
    private PlanMain() {}

    /** @param arguments the file of the settings, the folder that the run would have, and the file for the plan */
    public static void main(String[] arguments) throws IOException {
        ObjectNode plan;
        try {
            plan = plan(ConfigFile.parse(Files.readString(Path.of(arguments[0])), List.of()), Path.of(arguments[1]));
        } catch (ConfigException e) {
            plan = Json.PLAIN.createObjectNode().put("refused", e.getMessage());
        }
        Files.writeString(Path.of(arguments[2]), plan.toString());
        // Threads of native libraries may keep the process alive otherwise.
        System.exit(0);
    }

    private static ObjectNode plan(ConfigFile.Resolved settings, Path folder) {
        Calibration.chooseBlas();
        try (Toolbox tools = Toolbox.toCheck(
                settings.config().data().cot(),
                Toolbox.Plugins.NONE,
                settings.config().models())) {
            RunCheck check = RunCheck.measured(TrainingPlan.pinned(settings, folder), folder, false, tools.tools());
            ObjectNode figures = Explanation.of(settings, Optional.of(check), Optional.empty())
                    .figures();
            TrainingPlan.of(settings, check.memory()).arithmetic().forEach(figures.putArray("sentences")::add);
            return figures;
        }
    }
}
