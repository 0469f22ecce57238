package org.reft4j.train.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Cpu;
import org.reft4j.train.run.RunReader;

/** Versions and machine, as a run's folder records them: what a result may depend on besides the configuration. */
public final class RunEnvironment {
    private static final String BLAS = "blas";

    private RunEnvironment() {}

    /** The BLAS library that a run was begun with, if it was. */
    public static Optional<String> blas(Path run) {
        return Files.isRegularFile(run.resolve("config.yaml")) && Files.isRegularFile(run.resolve("environment.json"))
                ? Optional.ofNullable(RunReader.of(run).environment().get(BLAS))
                : Optional.empty();
    }

    /** Adds the library that multiplies, and what it was chosen by where that was measured, to a command's figures. */
    public static void arithmetic(ObjectNode figures) {
        figures.put(BLAS, Calibration.blas());
        Calibration.known().ifPresent(calibration -> {
            ObjectNode measured = figures.putObject("calibration");
            measured.put("busy", calibration.busy());
            for (Calibration.Probe probe : calibration.probes()) {
                measured.putObject(probe.blas())
                        .put("f32", probe.f32())
                        .put("bf16", probe.bf16())
                        .put("small-f32", probe.smallF32())
                        .put("small-bf16", probe.smallBf16());
            }
        });
    }

    /** The version of this program, such as {@code 0.1.0}; {@code development} outside a jar. */
    public static String reft() {
        String version = RunEnvironment.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** Versions and machine of this process. */
    public static Map<String, String> current() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("reft", reft());
        environment.put("java", Runtime.version().toString());
        environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        environment.put("processor", Cpu.name());
        environment.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        environment.put("engine", "libtorch presets " + Cpu.engine());
        environment.put(BLAS, Calibration.blas());
        return environment;
    }
}
