package org.reft4j.tensor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** What this machine is, and the name of the engine, without loading the engine. */
public final class Cpu {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Path MEMINFO = Path.of("/proc/meminfo");

    private Cpu() {}

    /** Such as {@code AMD EPYC 9654}; where the system does not say, its architecture. */
    public static String name() {
        String named = System.getenv("PROCESSOR_IDENTIFIER");
        try {
            if (Files.isReadable(CPUINFO)) {
                named = cpuinfo(Files.readString(CPUINFO));
            }
        } catch (IOException e) {
            named = null;
        }
        return named == null || named.isBlank()
                ? System.getProperty("os.name") + " " + System.getProperty("os.arch")
                : named;
    }

    /** Virtual machines often hide the model's name, so family, model and stepping belong to it. */
    static String cpuinfo(String text) {
        String model = "";
        StringBuilder parts = new StringBuilder();
        for (String line : text.lines().takeWhile(line -> !line.isBlank()).toList()) {
            int colon = line.indexOf(':');
            String key = colon < 0 ? line : line.substring(0, colon).strip();
            String value = line.substring(colon + 1).strip();
            switch (key) {
                case "model name" -> model = value;
                case "cpu family", "model", "stepping" ->
                    parts.append(' ').append(key).append(' ').append(value);
                default -> {}
            }
        }
        return (model + parts).strip();
    }

    /** The memory of this machine, or of the container that the process is in. */
    public static long memoryBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Runtime.getRuntime().maxMemory();
    }

    /**
     * What the machine could still give to processes without taking from any, as Linux estimates it; what is on it where the system does
     * not say.
     */
    static long availableBytes() {
        try {
            // A container is told of the whole machine here.
            return Files.isReadable(MEMINFO)
                    ? Math.min(memoryBytes(), available(Files.readString(MEMINFO)))
                    : memoryBytes();
        } catch (IOException e) {
            return memoryBytes();
        }
    }

    /** Of the lines of {@code /proc/meminfo}. */
    static long available(String text) {
        return text.lines()
                .filter(line -> line.startsWith("MemAvailable:"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(kibibytes -> Long.parseLong(kibibytes) << 10)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    /** Version of the libtorch presets on the class path, such as {@code 2.10.0-1.5.13}. */
    public static String engine() {
        try (InputStream in = Cpu.class.getResourceAsStream("/META-INF/maven/org.bytedeco/pytorch/pom.properties")) {
            if (in == null) {
                return "unknown";
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", "unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }
}
