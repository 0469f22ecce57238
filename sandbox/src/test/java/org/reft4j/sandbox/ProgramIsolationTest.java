package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/** One worker for all: what a program does to its interpreter is done to the next program's, if anything is. */
final class ProgramIsolationTest {
    /** The first runs in the shared context, the second, for its {@code type}, in one of its own. */
    private static final String[] PROBES = {
        """
        def solution(xs=[]):
            xs.append(1)
            import math
            values = [len('ab'), sum([1, 2]), abs(-3), math.sqrt(16), round(math.pi, 4), round(math.e, 4), math.tau > 6]
            return str(values) + str(sorted([3, 1])) + str(int('5')) + str(float('6')) + str(len(xs)) + str(max(1, 7))""", """
        def solution(xs=[]):
            xs.append(type(1)(1))
            import math
            values = [len('ab'), sum([1, 2]), abs(-3), math.sqrt(16), round(math.pi, 4), round(math.e, 4), math.tau > 6]
            return str(values) + str(sorted([3, 1])) + str(int('5')) + str(float('6')) + str(len(xs)) + str(max(1, 7))""",
    };

    private static final String EXPECTED = "[2, 3, 3, 4.0, 3.1416, 2.7183, True][1, 3]56.017";

    private static ProgramPool pool;

    @BeforeAll
    static void start() {
        pool = ProgramPool.start(1, Duration.ofSeconds(5));
    }

    @AfterAll
    static void stop() {
        pool.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "math.pi = 3",
                "math.sqrt = abs",
                "math.sqrt, x = abs, 1",
                "for math.pi in [3]: pass",
                "[0 for math.pi in [3]]",
                "(math.\npi) = 3",
                "math.pi += 1",
                "math.pi: float = 3",
                "import math as m; m.e = 1",
                "def solution():\n    import math\n    math.sqrt = math.floor\n    return math.sqrt(2)",
                "len = sum = abs = sorted = max = None",
                "def solution():\n    return 5\nsolution()",
                "def len(x): return 9",
                "def f(x, y=[]):\n    y.append(x)\n    return y\nf(1); f(2)",
                "import math\nmath = 5",
                "len.pi = 1",
                "int.e = 1; float.pi = 2",
                "import builtins; builtins.len = lambda x: 0; builtins.float = int; builtins.solution = 5",
                "import math; math.__dict__.clear()",
                "import math; setattr(math, 'sqrt', abs); delattr(math, 'pi')",
                "import sys; sys.modules['math'] = None; sys.modules.clear()",
                "__builtins__['len'] = 5",
                "import sys\nfor m in list(sys.modules.values()):\n    try: m.__dict__['sqrt'] = abs; m.__dict__['len'] = abs\n"
                        + "    except Exception: pass",
                "globals()['len'] = locals()['sum'] = abs",
                "def solution():\n    global len, max\n    len = max = abs\n    return 1\nsolution()",
                "import gc\nfor o in gc.get_objects():\n    if isinstance(o, dict): o['len'] = abs",
                "import sys; f = sys._getframe()\nwhile f:\n    f.f_globals['math'] = f.f_globals['_run'] = None; f = f.f_back",
                "import sys; sys.setrecursionlimit(10); sys.set_int_max_str_digits(0); sys.path.clear()",
                "import __graalpython__\n[setattr(__graalpython__, n, None) for n in dir(__graalpython__)]",
                "class int(int): pass\nimport builtins; builtins.int = builtins.str = int",
                "import os; os.environ['X'] = 'y'; os._exit(0)",
                "raise SystemExit(3)",
                "import signal; signal.alarm(1)",
                "import _thread; _thread.interrupt_main()",
            })
    void noTraceIsLeft(String program) {
        pool.run(program);
        for (String probe : PROBES) {
            assertEquals(new Outcome.Returned(EXPECTED, null), pool.run(probe), "after " + program);
        }
    }

    @Test
    void aProgramSeesItsOwnStores() {
        assertEquals(
                new Outcome.Returned("3", "3.0"),
                pool.run("def solution():\n    import math\n    math.pi = 3\n    return math.pi"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "open('/etc/hostname').read()",
                "open('x', 'w').write('y')",
                "__import__('os').listdir('/')",
                "__import__('os').listdir('.')",
                "__import__('os').system('true')",
                "__import__('os').fork()",
                "__import__('os').kill(__import__('os').getppid(), 0)",
                "__import__('subprocess').run(['true'])",
                "__import__('socket').create_connection(('127.0.0.1', 1))",
                "__import__('ctypes').CDLL(None)",
                "__import__('java').type('java.lang.System')",
                "__import__('polyglot').import_value('x')",
                "__import__('polyglot').eval(language='python', string='1')",
                "__import__('threading').Thread(target=print).start()",
                "__import__('os').environ['PATH']",
                "__import__('sympy').sqrt(2)",
                "input()",
            })
    void isRefused(String expression) {
        assertInstanceOf(Outcome.Raised.class, pool.run("def solution():\n    " + expression + "\n    return 1"));
    }

    /** Signals that Java handles would end the worker: Python raises them in the program instead. */
    @ParameterizedTest
    @ValueSource(strings = {"SIGHUP", "SIGINT", "SIGTERM"})
    void noSignalReachesTheWorker(String signal) {
        assumeTrue(
                LinuxCalls.ofThisMachine().isPresent(), "skipped: system calls are filtered on Linux on x86-64 only");
        pool.run("def solution():\n    return 1");
        List<Long> worker = pool.pids();
        Outcome outcome = pool.run("""
                def solution():
                    import signal, time
                    signal.raise_signal(signal.%s)
                    time.sleep(0.5)
                    return 1""".formatted(signal));
        assertEquals(new Outcome.Returned("1", "1.0"), outcome);
        assertEquals(worker, pool.pids());
    }

    @Test
    void namesSympyWhereAProgramUsesItAndLetsItImportIt() {
        for (String use : new String[] {"sympy.sqrt(4)", "__import__('sympy').sqrt(4)"}) {
            Outcome outcome = pool.run("def solution():\n    return " + use);
            String error = assertInstanceOf(Outcome.Raised.class, outcome).error();
            assertTrue(error.contains("sympy"), error);
        }
        String error = assertInstanceOf(
                        Outcome.Raised.class, pool.run("from sympy import symbols\ndef solution():\n    return 7"))
                .error();
        assertTrue(error.contains("sympy"), error);
        assertEquals(
                new Outcome.Returned("7", "7.0"),
                pool.run("import math, sympy\ndef solution():\n    import sympy\n    return 7"));
    }
}
