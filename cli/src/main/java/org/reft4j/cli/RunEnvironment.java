package org.reft4j.cli;

import java.util.Map;
import java.util.TreeMap;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.Cpu;

/** Versions and machine, as a run's folder records them: what a result may depend on besides the configuration. */
final class RunEnvironment {
    private RunEnvironment() {}

    static Map<String, String> current() {
        Map<String, String> environment = new TreeMap<>();
        environment.put("reft", Main.Version.number());
        environment.put("java", Runtime.version().toString());
        environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        environment.put("processor", Cpu.name());
        environment.put("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        environment.put("engine", "libtorch presets " + Cpu.engine());
        environment.put("blas", Calibration.blas());
        return environment;
    }
}
