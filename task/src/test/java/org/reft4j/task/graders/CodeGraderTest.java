package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.sandbox.ProgramPool;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderException;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.graders.CodeGrader.FencedCode;

final class CodeGraderTest {
    private static final String SQUARE = "Here:\n```python\ndef square(x):\n    return x * x\n```\nDone.";
    private static final String SUM = "```python\nprint(sum(map(int, input().split())))\n```";

    private static ProgramPool pool;
    private static GraderTools tools;

    @BeforeAll
    static void start() {
        pool = ProgramPool.start(1, Duration.ofSeconds(10));
        tools = new GraderTools(Cot.PROSE, pool, CodeGraderTest.class.getClassLoader());
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    private static Grade.Scored graded(String tests, String row, String completion) {
        Grader grader = GraderObjects.grader("{'type': 'code', 'timeout': 2, 'tests': " + tests + "}", tools);
        Grade grade = grader.grade(GraderObjects.item(row), completion);
        return assertInstanceOf(Grade.Scored.class, grade, grade::toString);
    }

    private static String refusal(String description) {
        return String.valueOf(org.junit.jupiter.api.Assertions.assertThrows(
                        GraderException.class, () -> GraderObjects.grader(description, tools))
                .getMessage());
    }

    @Test
    void paysTheShareOfStatementsThatPass() {
        Grade.Scored grade = graded(
                "['assert square(3) == 9', 'assert square(2) == 5', 'assert square(-1) == 1', 'square()']",
                "{}",
                SQUARE);
        assertEquals(0.5, grade.score());
        assertEquals(Map.of("test_1", 1.0, "test_2", 0.0, "test_3", 1.0, "test_4", 0.0), grade.parts());
        assertEquals(
                List.of("test_1", "test_2", "test_3", "test_4"),
                List.copyOf(grade.parts().keySet()));
        assertEquals("test_2: AssertionError", grade.reason());
    }

    @Test
    void takesTestsFromTheItem() {
        assertEquals(
                1,
                graded("'{{ item.tests }}'", "{'tests': ['assert square(3) == 9']}", SQUARE)
                        .score());
        assertEquals(
                0,
                graded(
                                "'{{ item.test }}\\ncheck({{ item.entry }})'",
                                "{'test': 'def check(f):\\n    assert f(2) == 5\\n', 'entry': 'square'}",
                                SQUARE)
                        .score());
        assertEquals(
                0.5,
                graded("'{{ item.io }}'", "{'io': {'inputs': ['1 2', '3 4'], 'outputs': ['3', '8']}}", SUM)
                        .score());
    }

    @Test
    void comparesWhatIsWritten() {
        Grade.Scored grade = graded(
                "[{'input': '1 2\\n', 'output': '3'}, {'stdin': '4 5', 'stdout': '9  \\n\\n'}, {'input': '1', 'output': '2'}]",
                "{}",
                SUM);
        assertEquals(2 / 3.0, grade.score());
        assertEquals("test_3: it wrote '1'", grade.reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "import sys\nfor line in sys.stdin:\n    print(line.strip()[::-1])",
                "import sys\nsys.stdout.write(sys.stdin.read()[1::-1])",
                "import sys\ndata = sys.stdin.buffer.read().split()\nprint(data[0].decode()[::-1])",
                "import sys\ninput = sys.stdin.readline\nprint(input().strip()[::-1])\nsys.exit()",
                "def main():\n    print(input()[::-1])\nif __name__ == '__main__':\n    main()\n    exit(0)",
                "import sys\nsys.stdout.buffer.write(b'b\\xc3\\xa9')",
                "print(open(0).read().strip()[::-1])",
            })
    void standardInputAndOutputWorkAsProgramsUseThem(String program) {
        Grade.Scored grade = graded("[{'input': 'éb\\n', 'output': 'bé\\n'}]", "{}", program);
        assertEquals(1, grade.score(), grade::reason);
    }

    @Test
    void aTestThatDoesNotEndIsNotPassedAndOthersAre() {
        String tests = "['assert square(3) == 9', 'while True: pass', 'assert square(2) == 4']";
        Grade.Scored grade = graded(tests, "{}", SQUARE);
        assertEquals(Map.of("test_1", 1.0, "test_2", 0.0, "test_3", 1.0), grade.parts());
        assertEquals("test_2: ran longer than 2.0 s", grade.reason());
        assertEquals(
                0,
                graded("['assert True', 'assert True']", "{}", "while True: pass")
                        .score());
        assertEquals(0, graded("[{'output': ''}]", "{}", "while True: pass").score());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "def f(:|the program: SyntaxError: ",
                "1/0|the program: ZeroDivisionError: division by zero (line 1)",
                "raise SystemExit(0)|the program: SystemExit: 0 (line 1)",
                "import os; os._exit(0)|",
                "import sys; sys.exit()|the program: SystemExit",
                "open('/etc/passwd')|the program: ",
                "x = 1|NameError: name 'square' is not defined",
            })
    void aProgramThatFailsPassesNothing(String program, String reason) {
        Grade.Scored grade = graded("['assert square(3) == 9']", "{}", program);
        assertEquals(0, grade.score());
        assertTrue(grade.reason().startsWith("test_1: " + (reason == null ? "" : reason)), grade.reason());
    }

    @Test
    void outcomesThatTheProgramAddedDoNotCount() {
        String program = """
                import sys
                def f():
                    frame = sys._getframe()
                    while frame:
                        for value in list(frame.f_locals.values()):
                            if isinstance(value, list):
                                value.append('')
                        frame = frame.f_back
                """;
        Grade.Scored grade = graded("['f()', 'f()']", "{}", program);
        assertEquals("test_1: the program changed the outcomes of its tests", grade.reason());
    }

    @Test
    void manyTestsWithLongFaultsKeepTheirOrder() {
        String tests = String.join(",", java.util.Collections.nCopies(199, "'raise ValueError(250 * \"x\")'"));
        Grade.Scored grade = graded("[" + tests + ", 'pass']", "{}", "x = 1");
        assertEquals(1 / 200.0, grade.score());
        assertEquals(1.0, grade.parts().get("test_200"));
    }

    @Test
    void aFloodOfOutputIsNotPassed() {
        Grade.Scored grade = graded("[{'output': 'x'}]", "{}", "print('x' * (2 << 20))");
        assertEquals("test_1: wrote more than 1048576 bytes", grade.reason());
    }

    @Test
    void takesTheProgramFromATemplate() {
        Grader grader = GraderObjects.grader(
                "{'type': 'code', 'language': 'python', 'input': 'def f():\\n    return {{ sample.output_text }}', 'tests': ['assert f() == 4']}",
                tools);
        assertEquals(1, GraderObjects.score(grader, "{}", "2 + 2"));
    }

    @Test
    void anItemWithoutTestsIsNotJudged() {
        Grader grader = GraderObjects.grader("{'type': 'code', 'tests': '{{ item.tests }}'}", tools);
        assertEquals(GradeError.INVALID_VARIABLE_ERROR, GraderObjects.failure(grader, "{}", SQUARE));
        assertEquals(GradeError.OTHER_ERROR, GraderObjects.failure(grader, "{'tests': []}", SQUARE));
        assertEquals(GradeError.OTHER_ERROR, GraderObjects.failure(grader, "{'tests': [3]}", SQUARE));
        assertEquals(GradeError.OTHER_ERROR, GraderObjects.failure(grader, "{'tests': ' '}", SQUARE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'type': 'code'}|grader.tests is missing; give it",
                "{'type': 'code', 'tests': []}|grader.tests are 0 tests, not 1 to 200; expected a list of Python statements, or of",
                "{'type': 'code', 'tests': 3}|grader.tests are 3, not a list; expected",
                "{'type': 'code', 'tests': ['x', 3]}|grader.tests hold \"x\", not statements or texts of input and output; expected",
                "{'type': 'code', 'tests': [{'input': ''}]}|grader.tests hold {\"input\":\"\"}, not statements",
                "{'type': 'code', 'tests': ['x'], 'language': 'java'}|grader.language is \"java\"; expected python",
                "{'type': 'code', 'tests': ['x'], 'timeout': -1}|grader.timeout is -1.0; expected seconds",
                "{'type': 'code', 'tests': ['x'], 'input': '{{ x }}'}|grader.input holds {{ x }}; expected item or sample",
            })
    void faultsNameTheirPlace(String description, String message) {
        String refusal = refusal(description);
        assertTrue(refusal.startsWith(message), refusal);
    }

    @Test
    void needsARunner() {
        assertEquals(
                "grader.type is code; it runs programs, and no program runner was started",
                GraderObjects.refusal("{'type': 'code', 'tests': ['x']}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "x = 1|x = 1",
                "a\\n```\\nx\\n```\\nb|x\\n",
                "```python\\nx\\n```\\nso:\\n```\\n9\\n```|x\\n",
                "```py\\na\\n```\\n```Python3\\nb\\n```|b\\n",
                "```text\\na\\n```\\n```\\nb\\n```|b\\n",
                "```python\\ncut = 1\\nshort|cut = 1\\nshort",
                "````python\\ns = '''\\n```\\n'''\\n````|s = '''\\n```\\n'''\\n",
                "~~~python\\r\\nx\\r\\n~~~|x\\n",
                "```python title=\"a.py\"\\nx\\n```|x\\n",
            })
    void findsTheProgram(String completion, String program) {
        assertEquals(unescaped(program), FencedCode.of(unescaped(completion)));
    }

    private static String unescaped(String text) {
        return text.replace("\\n", "\n").replace("\\r", "\r");
    }
}
