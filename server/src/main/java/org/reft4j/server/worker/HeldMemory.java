package org.reft4j.server.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory that a process holds, where the system tells: on Linux. */
public final class HeldMemory {
    private static final String RESIDENT = "VmRSS:";

    private HeldMemory() {}

    /** Bytes of a process; 0 where they are not known. */
    public static long of(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith(RESIDENT))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElse(0);
        } catch (IOException _) {
            return 0;
        }
    }
}
