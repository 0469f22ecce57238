package org.reft4j.tensor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Processor and memory of this machine, and the name of the engine, without loading the engine. */
public final class Cpu {
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    /** Control group of the container that the process is in; without one, its files are missing or set no limit. */
    private static final Path CONTAINER = Path.of("/sys/fs/cgroup");

    private Cpu() {}

    /** Name of the processor, such as {@code AMD EPYC 9654}; where the system does not say, its architecture. */
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
     * Memory that the machine, or the container that the process is in, could still give to processes without taking from any, as Linux
     * estimates it; all its memory where the system does not say.
     */
    public static long availableBytes() {
        try {
            long machine = Files.isReadable(MEMINFO) ? available(Files.readString(MEMINFO)) : Long.MAX_VALUE;
            return Math.min(memoryBytes(), Math.min(machine, availableInContainer(CONTAINER)));
        } catch (IOException e) {
            return memoryBytes();
        }
    }

    /** Free memory of a control group (version 2): its limit without what is in use, file pages that can be dropped aside. */
    static long availableInContainer(Path group) throws IOException {
        Path limit = group.resolve("memory.max");
        if (!Files.isReadable(limit) || !Files.readString(limit).strip().matches("\\d{1,18}")) {
            return Long.MAX_VALUE;
        }
        long used =
                Long.parseLong(Files.readString(group.resolve("memory.current")).strip());
        long droppable = Files.readString(group.resolve("memory.stat"))
                .lines()
                .filter(line -> line.startsWith("inactive_file "))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
        return Math.max(0, Long.parseLong(Files.readString(limit).strip()) - Math.max(0, used - droppable));
    }

    /** Available memory in the text of {@code /proc/meminfo}. */
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
