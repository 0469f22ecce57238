package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.sandbox.ProgramTask;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;

final class PythonGraderTest {
    private static ProgramPool pool;
    private static GraderTools tools;

    @BeforeAll
    static void start() {
        pool = ProgramPool.start(1, Duration.ofSeconds(10));
        tools = new GraderTools(Cot.PROSE, pool, PythonGraderTest.class.getClassLoader());
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    private static ObjectNode object(String source) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        return object.put("type", "python").put("name", "x").put("source", source);
    }

    private static Grader python(String source) {
        return Graders.of(object(source), "grader", tools);
    }

    /** A grader whose function has one line. */
    private static Grader body(String line) {
        return python("def grade(sample, item):\n    " + line);
    }

    private static double score(String line, String row, String completion) {
        return GraderObjects.score(body(line), row, completion);
    }

    private static String refusal(ObjectNode object) {
        return String.valueOf(assertThrows(GraderException.class, () -> Graders.of(object, "grader", tools))
                .getMessage());
    }

    @Test
    void seesTheSampleAndTheItem() {
        assertEquals(1, score("return float(sample['output_text'] == item['answer'])", "{'answer': 'Ja'}", "Ja"));
        assertEquals(0, score("return float(sample['output_text'] == item['answer'])", "{'answer': 'Ja'}", "Nein"));
        assertEquals(
                5,
                score(
                        "return sample['output_json']['a'][1] + item['b']['c']",
                        "{'b': {'c': 3.5}}",
                        "{\"a\": [0, 1.5]}"));
        assertEquals(1, score("return float('output_json' not in sample)", "{}", "text"));
        assertEquals(3, score("return len(item)", "{}", ""));
        assertEquals(
                1,
                score(
                        "return item['t'] is True and item['n'] is None and item['f'] is False",
                        "{'t': true, 'n': null, 'f': false}",
                        ""));
        assertEquals(0.25, score("return 1 / 4", "{}", ""));
    }

    /** Texts of data must come out as they went in, whatever Python would take them for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a\nb\tc\\n'\"",
                "é 𝄞 \u2028 \u0000 \u007f",
                "{x} %s \\u0041 \\N{DASH}",
                "'''\"\"\"#",
                "//*",
                "\r\n"
            })
    void textsCrossUnchanged(String text) {
        ObjectNode row = JsonNodeFactory.instance.objectNode().put("wanted", text);
        Grader grader = body("return sample['output_text'] == item['wanted'] and len(item['wanted']) == "
                + text.codePointCount(0, text.length()));
        assertEquals(1, GraderObjects.score(grader, row.toString(), text));
    }

    @Test
    void hasTheStandardLibrary() {
        String source = """
                import json, re, math, difflib, collections, statistics, datetime, random, string, itertools
                def grade(sample, item):
                    found = re.search(r'\\d+', sample['output_text'])
                    return math.sqrt(json.loads(found.group()))
                """;
        assertEquals(3, GraderObjects.score(python(source), "{}", "it is 9."));
    }

    @Test
    void callsShareNothing() {
        Grader counter = python("calls = []\ndef grade(sample, item):\n    calls.append(1)\n    return len(calls)");
        assertEquals(1, GraderObjects.score(counter, "{}", ""));
        assertEquals(1, GraderObjects.score(counter, "{}", ""));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "return 1 / 0|ZeroDivisionError: division by zero (line 2)",
                "return item['nothing']|KeyError: 'nothing' (line 2)",
                "return float('nan')|grade returned nan; expected a finite float",
                "return -float('inf')|grade returned -inf; expected a finite float",
                "return '1.0'|grade returned a str; expected a float",
                "return None|grade returned a NoneType; expected a float",
                "return [1.0]|grade returned a list; expected a float",
                "return 10 ** 400|OverflowError: int too large to convert to float",
                "raise SystemExit(0)|SystemExit: 0 (line 2)",
                "return open('/etc/passwd').read()|FileNotFoundError: ",
            })
    void failuresAreNotPaid(String line, String reason) {
        Grade grade = body(line).grade(GraderObjects.item("{}"), "");
        Grade.Failed failed = assertInstanceOf(Grade.Failed.class, grade);
        assertEquals(GradeError.PYTHON_GRADER_RUNTIME_ERROR, failed.error());
        assertTrue(
                failed.reason().startsWith(reason) || failed.reason().startsWith("PermissionError"), failed.reason());
    }

    @Test
    void endsAtItsTimeout() {
        ObjectNode object = object("def grade(sample, item):\n    while True: pass");
        Grader grader = Graders.of(object.put("timeout", 1.5), "grader", tools);
        Grade grade = grader.grade(GraderObjects.item("{}"), "");
        assertEquals(new Grade.Failed(GradeError.PYTHON_GRADER_RUNTIME_ERROR, "grade ran longer than 1.5 s"), grade);
    }

    @Test
    void aPoolThatCannotRunIsAnErrorOfTheServer() {
        Grader grader;
        try (ProgramPool closed = ProgramPool.start(1, Duration.ofSeconds(10))) {
            grader = Graders.of(
                    object("def grade(sample, item): return 1.0"),
                    "grader",
                    new GraderTools(Cot.PROSE, closed, PythonGraderTest.class.getClassLoader()));
        }
        assertEquals(
                new Grade.Failed(GradeError.PYTHON_GRADER_SERVER_ERROR, "the program pool is closed"),
                grader.grade(GraderObjects.item("{}"), ""));
    }

    @Test
    void whatIsTooLongIsRefusedWithoutARun() {
        Grade grade = body("return 1.0").grade(GraderObjects.item("{}"), "x".repeat(ProgramTask.MAX_CHARS));
        assertTrue(grade.why().orElse("").startsWith("too long: "), grade::toString);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "def grade(sample, item) return 1|cannot be used: SyntaxError: ",
                "def score(sample, item): return 1|cannot be used: has no function grade",
                "grade = 1|cannot be used: has no function grade",
                "def grade(sample): return 1|cannot be used: grade takes 1 arguments; expected exactly 2 arguments",
                "def grade(a, b, c): return 1|cannot be used: grade takes 3 arguments; expected exactly 2 arguments",
                "def grade(a, b, c=1): return 1|cannot be used: grade takes optional or named arguments; expected exactly 2 arguments",
                "def grade(*a): return 1|cannot be used: grade takes optional or named arguments",
                "async def grade(a, b): return 1|cannot be used: grade is a generator or async; expected a plain function",
                "def grade(a, b): yield 1|cannot be used: grade is a generator or async",
                "x = 1 / 0|cannot be used: ZeroDivisionError: division by zero (line 1)",
                "import numpy as np|cannot be used: imports numpy (line 1): ModuleNotFoundError: No module named 'numpy'",
            })
    void faultsAreFoundAtOnce(String source, String message) {
        String refusal = refusal(object(source));
        assertTrue(refusal.startsWith("grader.source " + message), refusal);
    }

    @Test
    void namesAllPackagesThatAreNotThere() {
        String refusal = refusal(
                object(
                        "import os.path\nfrom scipy import stats\ndef grade(sample, item):\n    import sympy, json\n    return 1.0"));
        assertTrue(refusal.contains("imports scipy (line 2)") && refusal.contains("sympy (line 4)"), refusal);
        assertTrue(refusal.contains("standard library"), refusal);
        String guarded =
                "try:\n    import numpy\nexcept ImportError:\n    numpy = None\ndef grade(sample, item): return float(numpy is None)";
        assertEquals(1, GraderObjects.score(python(guarded), "{}", ""));
    }

    @Test
    void faultsOfTheObjectNameTheirPlace() {
        String good = "def grade(sample, item): return 1.0";
        assertTrue(refusal(object("#".repeat(PythonGrader.MAX_SOURCE_BYTES)))
                .startsWith("grader.source has 256000 bytes; expected less than 256000"));
        assertEquals(
                "grader.timeout is 0.0; expected seconds from 0.1 to 3600",
                refusal(object(good).put("timeout", 0)));
        assertEquals("grader.source is 3; expected a text", refusal(object(good).put("source", 3)));
        assertEquals(
                "grader.source cannot be used: its top ran longer than 1.0 s; define functions there and no more",
                refusal(object("while True: pass").put("timeout", 1)));
        assertEquals(
                "grader.type is python; it runs programs, and no program runner was started",
                GraderObjects.refusal("{'type': 'python', 'source': ''}"));
        assertInstanceOf(
                Grade.Scored.class,
                Graders.of(object(good).put("image_tag", "2025-05-08"), "grader", tools)
                        .grade(GraderObjects.item("{}"), ""));
    }
}
