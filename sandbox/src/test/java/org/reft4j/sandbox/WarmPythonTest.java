package org.reft4j.sandbox;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/** Calls of Python graders that share an interpreter: fast, each as if it were the first, and with RapidFuzz's figures. */
@Timeout(300)
@Isolated
final class WarmPythonTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The first example of OpenAI's guide. */
    private static final String GUIDE = """
            from rapidfuzz import fuzz, utils

            def grade(sample, item) -> float:
                output_text = sample["output_text"]
                reference_answer = item["reference_answer"]
                return fuzz.WRatio(output_text, reference_answer, processor=utils.default_process) / 100.0
            """;

    /** After the one that the guide's cookbook has for lists of codes. */
    private static final String LISTS = """
            import json
            import re

            def grade(sample, item) -> float:
                try:
                    wanted = set(item["reference"])
                    found = set(json.loads(re.search(r"\\[.*\\]", sample["output_text"]).group(0)))
                except Exception:
                    return 0.0
                shared = len(wanted & found)
                precision = shared / len(found) if found else 0.0
                recall = shared / len(wanted) if wanted else 0.0
                return 2 * precision * recall / (precision + recall) if shared else 0.0
            """;

    private static ProgramPool pool;
    /** Tests calls of one worker: the traces of a call are met by the next one. */
    private static ProgramPool one;

    @BeforeAll
    static void start() {
        pool = ProgramPool.start(2, PATIENCE);
        one = ProgramPool.start(1, PATIENCE);
    }

    @AfterAll
    static void stop() {
        pool.close();
        one.close();
    }

    private static Outcome call(ProgramRunner runner, String source, String sample, String item) {
        return runner.run(ProgramTask.call(source, "grade", List.of(sample, item)), PATIENCE);
    }

    private static Outcome call(String source) {
        return call(pool, source, "{}", "{}");
    }

    private static Outcome scored(String type, String number) {
        return new Outcome.Returned(type, number);
    }

    /** Figures of rapidfuzz 3.14.6 on CPython, to the last bit. */
    @Test
    void rapidfuzzGivesItsOwnFigures() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        String head = "from rapidfuzz import fuzz, utils, process, distance\nimport rapidfuzz.distance.Levenshtein\n"
                .replace("\\\n", "\n");
        List<JsonNode> rows = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                requireNonNull(getClass().getResourceAsStream("rapidfuzz.jsonl")), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                rows.add(mapper.readTree(line));
            }
        }
        List<String> wrong = new ArrayList<>();
        String choices = mapper.writeValueAsString(
                rows.subList(4, 12).stream().map(row -> row.get("b").asText()).toList());
        for (JsonNode row : rows) {
            for (String name : (Iterable<String>) row::fieldNames) {
                if (name.length() == 1) {
                    continue;
                }
                String call = name.equals("process.extractOne")
                        ? "process.extractOne(item['a'], item['choices'], scorer=fuzz.WRatio)"
                        : name.replace("processed ", "") + "(item['a'], item['b']"
                                + (name.startsWith("processed") ? ", processor=utils.default_process)" : ")");
                String result =
                        name.equals("process.extractOne") ? "found[2] + found[1] / 1000 if found else -1" : "found";
                String source =
                        head + "def grade(sample, item):\n    found = " + call + "\n    return float(" + result + ")";
                String item =
                        "{\"a\": " + row.get("a") + ", \"b\": " + row.get("b") + ", \"choices\": " + choices + "}";
                Outcome outcome = call(pool, source, "{}", item);
                boolean right = outcome instanceof Outcome.Returned(String _, String number)
                        && number != null
                        && Double.parseDouble(number) == row.get(name).asDouble();
                if (!right) {
                    wrong.add(name + " of " + item + " must be " + row.get(name) + ", and is " + outcome);
                }
            }
        }
        assertEquals(List.of(), wrong);
    }

    @Test
    void rapidfuzzTakesWhatItsUsersGiveIt() {
        String source = """
                from rapidfuzz import fuzz, process
                def grade(sample, item):
                    found = [fuzz.ratio(None, 'a'), fuzz.ratio('ab', 'ac', score_cutoff=60), fuzz.ratio('AB', 'ab', processor=str.lower),
                             process.extract('ab', ['xx', 'ab', 'abc'], limit=2), process.extractOne('q', {'k': 'z'}, score_cutoff=50)]
                    return float(found == [0.0, 0.0, 100.0, [('ab', 100.0, 1), ('abc', 90.0, 2)], None])
                """;
        assertEquals(scored("float", "1.0"), call(source));
        Outcome refused = call("from rapidfuzz import fuzz\ndef grade(sample, item): return fuzz.ratio([1], [2])");
        assertEquals(new Outcome.Raised("TypeError: rapidfuzz compares str here, not list (line 2)"), refused);
    }

    /** Only graders have it. */
    @Test
    void programsDoNotHaveRapidfuzz() {
        Outcome outcome = pool.run("import rapidfuzz\ndef solution(): return 1");
        assertEquals(new Outcome.Raised("ModuleNotFoundError: No module named 'rapidfuzz'"), outcome);
    }

    @Test
    void twoHundredCallsASecond() throws InterruptedException, ExecutionException {
        String text = "The quick brown fox jumps over the lazy dog, and then it sleeps in the sun for three hours.";
        String sample = "{\"output_text\": \"" + text + " [1, 2, 3]\"}";
        String item = "{\"reference_answer\": \"The dog slept, and a fox sprang over it.\", \"reference\": [1, 2, 4]}";
        for (String source : List.of(GUIDE, LISTS)) {
            double best = 0;
            for (int round = 0;
                    round < 5;
                    round++) { // the first ones warm up, and another program may take the processors
                long start = System.nanoTime();
                calls(source, sample, item, 400);
                best = Math.max(best, 400 / ((System.nanoTime() - start) / 1e9));
            }
            System.out.println("Python graders: " + Math.round(best) + " calls a second");
            assertTrue(best >= 200, best + " calls a second");
        }
    }

    private static void calls(String source, String sample, String item, int count)
            throws InterruptedException, ExecutionException {
        try (ExecutorService callers = Executors.newFixedThreadPool(4)) {
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                outcomes.add(callers.submit(() -> call(pool, source, sample, item)));
            }
            Outcome first = outcomes.getFirst().get();
            assertTrue(first instanceof Outcome.Returned, first::toString);
            for (Future<Outcome> outcome : outcomes) {
                assertEquals(first, outcome.get());
            }
        }
    }

    /** Each returns how much it finds of what an earlier call left, and leaves something. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "calls = []\ndef grade(s, i):\n    calls.append(1)\n    return len(calls) - 1",
                "def grade(s, i, calls=[]):\n    calls.append(1)\n    return len(calls) - 1",
                "class A:\n    n = 0\ndef grade(s, i):\n    A.n += 1\n    return A.n - 1",
                "n = 0\ndef grade(s, i):\n    global n\n    n += 1\n    return n - 1",
                "import functools\nn = [0]\n@functools.lru_cache\ndef f(x):\n    n[0] += 1\n    return n[0]\ndef grade(s, i):\n    return f(1) - 1",
                "import json\ndef grade(s, i):\n    json.n = getattr(json, 'n', -1) + 1\n    return json.n",
                "import json\ndef grade(s, i):\n    left = 'q' in json.decoder.BACKSLASH\n    json.decoder.BACKSLASH['q'] = 'x'\n    return left",
                "import builtins\ndef grade(s, i):\n    builtins.n = getattr(builtins, 'n', -1) + 1\n    return builtins.n",
                "def grade(s, i):\n    b = grade.__globals__['__builtins__']\n    left = 'n' in b\n    b['n'] = 1\n    return left",
                "def grade(s, i):\n    exec('import json; json.m = getattr(json, \"m\", -1) + 1')\n    import json\n    return json.m",
                "import decimal\ndef grade(s, i):\n    left = decimal.getcontext().prec - 28\n    decimal.getcontext().prec = 5\n    return left",
                "import sys\ndef grade(s, i):\n    sys.n = getattr(sys, 'n', -1) + 1\n    return sys.n",
                "import random\ndef grade(s, i):\n    left = random.getstate()[1][0] == 7\n    random.setstate((3, (7,) * 624 + (1,), None))\n    return left",
                "import rapidfuzz.fuzz as f\ndef grade(s, i):\n    setattr(f, 'n', getattr(f, 'n', -1) + 1)\n    return f.n",
                "from json import decoder as d\ndef grade(s, i):\n    d.n = getattr(d, 'n', -1) + 1\n    return d.n",
                "import json\ndef grade(s, i):\n    json.__dict__['n'] = json.__dict__.get('n', -1) + 1\n    return json.n",
                "import ast\ndef grade(s, i):\n    left = hasattr(ast, 'n')\n    eval(compile('__import__(\"ast\").__setattr__', 'x', 'eval'))('n', 1)\n    return left",
            })
    void noCallSeesAnother(String source) {
        for (int i = 0; i < 3; i++) {
            Outcome outcome = call(one, source, "{}", "{}");
            assertTrue(
                    outcome instanceof Outcome.Returned(String _, String number) && "0.0".equals(number),
                    outcome::toString);
        }
    }

    /** A text that is run, by a grader that runs it, may change what it likes: the next call has another interpreter. */
    @Test
    void whatASampleHoldsIsRunApart() {
        String source = """
                import json
                def grade(sample, item):
                    scope = {}
                    exec(sample['output_text'], scope)
                    return float(json.loads('1')) + scope.get('x', 0)
                """;
        String hostile =
                "{\"output_text\": \"import json, builtins; json.loads = lambda t: 100; builtins.float = lambda x: 100\"}";
        call(pool, source, hostile, "{}");
        for (int i = 0; i < 4; i++) {
            assertEquals(scored("float", "3.0"), call(pool, source, "{\"output_text\": \"x = 2\"}", "{}"));
        }
    }
}
