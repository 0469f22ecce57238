package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.sandbox.OwnPython;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;

/** Graders in a CPython of this machine, if it has one. */
final class OwnPythonTest {
    private static final GraderTools TOOLS = GraderTools.plain(Cot.PROSE);
    private static Path python = Path.of("python3");

    @BeforeAll
    static void find() {
        python = Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, "python3"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(python);
        assumeTrue(Files.isExecutable(python), "skipped: no python3 on the path");
    }

    private static ObjectNode object(String source) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "python")
                .put("source", source)
                .put("interpreter", python.toString());
    }

    private static Grader grader(String source) {
        return Graders.of(object(source), "grader", TOOLS);
    }

    private static Grade grade(String line) {
        return grader("def grade(sample, item):\n    " + line).grade(GraderObjects.item("{'a': 2}"), "seven");
    }

    @Test
    void callsTheFunctionInTheUsersInterpreter() {
        assertEquals(Grade.Scored.of(7), grade("return len(sample['output_text']) + item['a']"));
        assertEquals(
                Grade.Scored.of(1), grade("import platform\n    return platform.python_implementation() == 'CPython'"));
        assertEquals(Grade.Scored.of(1), grade("print('noise')\n    return 1"));
        Grader counter = grader("calls = []\ndef grade(sample, item):\n    calls.append(1)\n    return len(calls)");
        assertEquals(1, GraderObjects.score(counter, "{}", ""));
        assertEquals(1, GraderObjects.score(counter, "{}", ""));
    }

    @Test
    void failuresAreNotPaidAndReplaceTheProcess() {
        Grade.Failed raised = assertInstanceOf(Grade.Failed.class, grade("return 1 / 0"));
        assertEquals("ZeroDivisionError: division by zero (line 2)", raised.reason());
        Grade.Failed ended = assertInstanceOf(Grade.Failed.class, grade("import os\n    os._exit(1)"));
        assertEquals("grade ended its interpreter", ended.reason());
        ObjectNode endless =
                object("def grade(sample, item):\n    while True: pass").put("timeout", 1);
        assertEquals(
                "grade ran longer than 1.0 s",
                Graders.of(endless, "grader", TOOLS)
                        .grade(GraderObjects.item("{}"), "")
                        .why()
                        .orElse(""));
        assertEquals(Grade.Scored.of(1), grade("return 1"));
    }

    @Test
    void faultsOfTheSourceAndOfThePathAreFoundAtOnce() {
        String missing = message(object("import no_such_package\ndef grade(sample, item): return 1"));
        assertTrue(missing.contains("imports no_such_package (line 1)"), missing);
        String nowhere = message(object("def grade(sample, item): return 1").put("interpreter", "/no/such/python"));
        assertTrue(nowhere.startsWith("grader.interpreter is /no/such/python: "), nowhere);
        String other = message(object("def grade(sample, item): return 1").put("interpreter", "/bin/cat"));
        assertTrue(other.startsWith("grader.interpreter is /bin/cat: "), other);
    }

    private static String message(ObjectNode object) {
        return String.valueOf(assertThrows(GraderException.class, () -> Graders.of(object, "grader", TOOLS))
                .getMessage());
    }

    @Test
    void theSystemKeepsItFromNetworkProgramsAndWriting(@TempDir Path folder) throws IOException {
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "skipped: known for Linux on x86-64 only");
        grade("return 1");
        String held = OwnPython.of(python.toString()).confinement();
        assertTrue(held.contains("memory 4096 MiB") && held.contains("no sockets"), held);
        refused("import socket\n    socket.socket()");
        refused("import subprocess\n    subprocess.run(['true'])");
        refused("import os\n    os.fork()");
        if (held.contains("read only")) {
            Path file = Files.writeString(folder.resolve("kept"), "kept");
            refused("open('" + folder.resolve("new") + "', 'w')");
            refused("open('" + file + "', 'a')");
            refused("import os\n    os.remove('" + file + "')");
            assertEquals("kept", Files.readString(file));
        }
        Grade.Failed hungry = assertInstanceOf(Grade.Failed.class, grade("return len(bytearray(5 << 30))"));
        assertTrue(hungry.reason().startsWith("MemoryError"), hungry::reason);
    }

    private static void refused(String line) {
        Grade.Failed failed = assertInstanceOf(Grade.Failed.class, grade(line + "\n    return 1"));
        assertTrue(failed.reason().startsWith("PermissionError"), failed::reason);
    }
}
