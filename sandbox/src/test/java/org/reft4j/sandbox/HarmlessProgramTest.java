package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.reft4j.sandbox.HarmlessProgram.Verdict.HARMLESS;
import static org.reft4j.sandbox.HarmlessProgram.Verdict.HARMLESS_UNLESS_STORING;
import static org.reft4j.sandbox.HarmlessProgram.Verdict.UNKNOWN;

import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HarmlessProgramTest {
    private final HarmlessProgram harmless =
            new HarmlessProgram(Set.of("open", "getattr", "eval", "exec", "globals"), Set.of("sqrt", "pi", "e"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "def solution():\n    \"\"\"Jane's cans – 3 for £2\"\"\"\n    a = 54 // 9 + 1_000 - 1.5e3 * 0x1F\n    return a",
                "x = 'it\\'s \"open\" @ __class__' # eval here",
                "x = '''a\n'b'\n\\'''\\''''",
                "x = rb'open'",
                "import math\nimport math as m; y = m.sqrt(4)",
                "for i in range(3):\n\txs . append(i)",
                "total = 1 + \\\n 2",
                "f = lambda x, *y, **z: [i for i in y if x != i]",
                "raise ValueError('no')",
                "import math # the module\nx: int = math.sqrt (4)",
                "1.0e5 and 2.5 or .5j",
            })
    void accepts(String program) {
        assertEquals(HARMLESS, harmless.judge(program));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x = 2 * math.pi",
                "math.pi = 3",
                "math.sqrt = abs",
                "for math.pi in [3]: pass",
                "x = list(map(math.sqrt, [1]))",
                "math.sqrt\n(4)",
                "math.sqrt # (\n = 3",
                "xs.append, y = 1, 2",
            })
    void wantsTheTreeWhereAnAttributeIsNotCalled(String program) {
        assertEquals(HARMLESS_UNLESS_STORING, harmless.judge(program));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "open('x')",
                "x = getattr",
                "().__class__",
                "__import__('os')",
                "__builtins__",
                "(f.\ngi_frame)",
                "(f. # note\n gi_frame)",
                "f . \\\n gi_frame",
                "x.format(1)",
                "1..real",
                "1 .real()",
                "''.real()",
                "x[0].real()",
                "import os",
                "import math, os",
                "import math as __m",
                "import math.os",
                "import math;import os",
                "import\\\n os",
                "from math import sqrt",
                "class A: pass",
                "try: pass\nexcept: pass",
                "with x: pass",
                "def f(): yield 1",
                "global x",
                "nonlocal x",
                "del x",
                "async def f(): pass",
                "@f\ndef g(): pass",
                "a @ b",
                "f'{x}'",
                "rf'{x}'",
                "Rb'x' F'{x}'",
                "match x:\n  case int(real=y): pass",
                "type X = int",
                "ｏpen('x')",
                "oｐen('x')",
                "x = 'unfinished",
                "x = r'\\'",
                "1.real",
                "x = 'unfinished\\",
                "x = '''unfinished''",
                "x = 'a\nb'",
                "# a\ropen('x')",
                "x = '\r'",
                "# coding: rot13",
                "\u2028x",
                "#\u2028x",
                "x = \f1",
                "\0",
                "\ufeffx = 1",
                "x = \\ 1",
                "1open",
                "1if x else 2",
                "0b'x'",
                "x'abc'",
                "import sympy",
                "sympy.sqrt(2)",
            })
    void refuses(String program) {
        assertEquals(UNKNOWN, harmless.judge(program));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x = '\\\n'; y = 1", "x = 'a' 'b' \"c'd\"", "x = '''\\''' ''' + '#'"})
    void findsTheEndOfStringsAsPythonDoes(String program) {
        assertEquals(HARMLESS, harmless.judge(program));
        assertEquals(UNKNOWN, harmless.judge(program + "; open('x')"));
        assertEquals(UNKNOWN, harmless.judge(program + "; open"));
    }
}
