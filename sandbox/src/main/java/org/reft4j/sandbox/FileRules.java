package org.reft4j.sandbox;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.reft4j.sandbox.Sandbox.Layer;

/**
 * Landlock: from now on this thread, and every thread that it starts, may read the files named and touch no other; it cannot write,
 * execute, use TCP, or signal other processes. See {@code landlock(7)}; what an older kernel does not know is left out.
 */
final class FileRules {
    static final String NAME = "files";

    private static final int OPENAT = 257;
    private static final int CLOSE = 3;
    private static final int PRCTL = 157;
    private static final int CREATE_RULESET = 444;
    private static final int ADD_RULE = 445;
    private static final int RESTRICT_SELF = 446;

    private static final int NO_NEW_PRIVS = 38;
    private static final int ASK_VERSION = 1;
    private static final int BENEATH_PATH = 1;
    private static final int CURRENT_DIRECTORY = -100;
    private static final int PATH_ONLY = 0x200000;
    private static final int CLOSE_ON_EXEC = 0x80000;

    private static final long READ_FILE = 1 << 2;
    private static final long READ_FOLDER = 1 << 3;
    /** Rights that exist from version 1, 2, 3 and 5 on: the lowest 13 bits, then moving, truncating and device commands. */
    private static final long VERSION_1 = (1 << 13) - 1;

    private static final long VERSION_2 = VERSION_1 | 1 << 13;
    private static final long VERSION_3 = VERSION_2 | 1 << 14;
    private static final long VERSION_5 = VERSION_3 | 1 << 15;
    private static final int WITH_NETWORK = 4;
    private static final long BIND_AND_CONNECT = 3;
    private static final int WITH_DEVICES = 5;
    private static final int WITH_SCOPES = 6;
    private static final long SOCKETS_AND_SIGNALS = 3;

    private final LinuxCalls calls;

    FileRules(LinuxCalls calls) {
        this.calls = calls;
    }

    static Layer missing(String why) {
        return Layer.off(NAME, why);
    }

    /** @param readable files and folders; those that are not there are passed over */
    Layer set(List<Path> readable) {
        long version = calls.call(CREATE_RULESET, 0, 0, ASK_VERSION);
        if (version < 1) {
            return missing("the kernel has no Landlock (error " + -version + ")");
        }
        int rules = (int) ruleset((int) version);
        if (rules < 0) {
            return missing("no Landlock rules could be made (error " + -rules + ")");
        }
        try {
            for (Path path : readable) {
                long error = allow(rules, path);
                if (error < 0) {
                    return missing("Landlock took no rule for " + path + " (error " + -error + ")");
                }
            }
            calls.call(PRCTL, NO_NEW_PRIVS, 1, 0, 0, 0);
            long error = calls.call(RESTRICT_SELF, rules, 0);
            return error < 0
                    ? missing("Landlock refused its rules (error " + -error + ")")
                    : Layer.on(
                            NAME,
                            "reads Java and Python's library only, writes nothing (Landlock " + version
                                    + (version >= WITH_NETWORK ? "; no TCP" : "")
                                    + (version >= WITH_SCOPES ? ", no signals to others)" : ")"));
        } finally {
            calls.call(CLOSE, rules);
        }
    }

    private long ruleset(int version) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(ValueLayout.JAVA_LONG, 3);
            attributes.setAtIndex(ValueLayout.JAVA_LONG, 0, fileRights(version));
            attributes.setAtIndex(ValueLayout.JAVA_LONG, 1, version >= WITH_NETWORK ? BIND_AND_CONNECT : 0);
            attributes.setAtIndex(ValueLayout.JAVA_LONG, 2, version >= WITH_SCOPES ? SOCKETS_AND_SIGNALS : 0);
            int words = version >= WITH_SCOPES ? 3 : version >= WITH_NETWORK ? 2 : 1;
            return calls.call(CREATE_RULESET, attributes.address(), (long) words * Long.BYTES, 0);
        }
    }

    private static long fileRights(int version) {
        return switch (version) {
            case 1 -> VERSION_1;
            case 2 -> VERSION_2;
            case 3, WITH_NETWORK -> VERSION_3;
            default -> version >= WITH_DEVICES ? VERSION_5 : VERSION_1;
        };
    }

    private long allow(int rules, Path path) {
        if (!Files.exists(path)) {
            return 0;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = arena.allocateFrom(path.toString());
            long file = calls.call(OPENAT, CURRENT_DIRECTORY, name.address(), PATH_ONLY | CLOSE_ON_EXEC, 0);
            if (file < 0) {
                return file;
            }
            MemorySegment rule = arena.allocate(Long.BYTES + Integer.BYTES, Long.BYTES);
            rule.set(ValueLayout.JAVA_LONG, 0, Files.isDirectory(path) ? READ_FILE | READ_FOLDER : READ_FILE);
            rule.set(ValueLayout.JAVA_INT, Long.BYTES, (int) file);
            long error = calls.call(ADD_RULE, rules, BENEATH_PATH, rule.address(), 0);
            calls.call(CLOSE, file);
            return error;
        }
    }
}
