package org.reft4j.sandbox;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.reft4j.sandbox.Attacks.Attack;
import org.reft4j.sandbox.ProgramRunner.Outcome;

/**
 * No attack escapes, changes what the next program sees, or takes longer than its deadline and a second; no honest program between them
 * is wronged; and after all of them, in random order, the workers work. Of those that exhaust a stack or the memory, each of which costs
 * a worker, some are drawn. {@code -Dtests.attacks=1000} draws 300, and runs so many of all on two workers, honest ones between them.
 */
@Timeout(3600)
final class AttackTest {
    private static final Duration DEADLINE = Duration.ofSeconds(1);
    /** Importing what a trace might be left in takes a cold interpreter long. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private static final Duration SLACK = Duration.ofSeconds(1);
    /** Numbers of programs that exhaust a stack or the memory, in a quick test and in a long one. */
    private static final int DRAWN = 12;

    private static final int DRAWN_LONG = 300;
    private static final List<Attack> VICTIMS = Attacks.victims();

    /** The first runs in the shared context, the second, for its imports, in one of its own. */
    private static final List<String> PROBES = List.of("""
            def solution(xs=[]):
                xs.append(1)
                import math
                values = [len(xs), sum([1, 2]), max(1, 7), int('5'), float('6'), round(math.pi, 4), math.floor(2.7), sorted([2, 1])]
                return str(values)""", """
            def solution(xs=[]):
                xs.append(1)
                import builtins, math, os, sys
                clean = [os.environ.get('LEFT_BEHIND') is None, sys.getrecursionlimit() > 500, sys.gettrace() is None,
                         str(ValueError('x')) == 'x', (5).bit_length() == 3, 2 + 3 == 5, 'x'.encode() == b'x',
                         builtins.len is len, compile('1', '', 'eval') is not None, sys.path_hooks != []]
                values = [len(xs), sum([1, 2]), max(1, 7), int('5'), float('6'), round(math.pi, 4), math.floor(2.7), sorted([2, 1])]
                return str(values) if all(clean) else str(clean)""");

    private static final String LIBRARY_PROBE = """
            import codecs, copyreg, decimal, json, numbers, random, re, string
            def solution():
                import codecs, copyreg, decimal, json, numbers, random, re, string
                return [json.dumps([1]), 0 <= random.random() < 1, bool(re.match('a', 'a')), decimal.getcontext().prec,
                        string.capwords('a'), copyreg.dispatch_table.get(int), isinstance('', numbers.Number)]""";

    private static final Outcome CLEAN_LIBRARY =
            new Outcome.Returned("['[1]', True, True, 28, 'A', None, False]", null);

    private static final Outcome CLEAN = new Outcome.Returned("[1, 3, 7, 5, 6.0, 3.1416, 2, [1, 2]]", null);

    private static Random random() {
        long seed = Long.getLong("tests.seed", System.nanoTime());
        System.out.println("attacks are drawn by -Dtests.seed=" + seed);
        return new Random(seed);
    }

    private static List<Attack> shuffled(int count, Random random) {
        List<Attack> attacks = new ArrayList<>();
        while (attacks.size() < count) {
            List<Attack> all = new ArrayList<>(Attacks.all());
            Collections.shuffle(all, random);
            attacks.addAll(all.subList(0, Math.min(all.size(), count - attacks.size())));
        }
        return attacks;
    }

    /** All of most families, and some of those that cost a worker each. */
    private static List<Attack> drawn(Random random) {
        List<Attack> attacks = new ArrayList<>(Attacks.all());
        attacks.removeIf(attack -> Attacks.EXHAUSTING.contains(attack.family()));
        List<Attack> exhausting = Attacks.exhausting(random);
        Collections.shuffle(exhausting, random);
        attacks.addAll(exhausting.subList(0, Integer.getInteger("tests.attacks", 0) > 0 ? DRAWN_LONG : DRAWN));
        Collections.shuffle(attacks, random);
        return attacks;
    }

    @Test
    void thereAreManyOfEachFamily() {
        assertTrue(Attacks.all().size() >= 150, () -> Attacks.all().size() + " attacks");
        for (String family : Attacks.FAMILIES) {
            long count = Attacks.all().stream()
                    .filter(attack -> attack.family().equals(family))
                    .count();
            assertTrue(count >= 7, () -> family + " has " + count);
        }
    }

    /** Each pool has one worker: what an attack does to it would be seen by the programs after it. */
    @Test
    void noneEscapesLastsOrLeavesATrace() throws InterruptedException, ExecutionException {
        List<Attack> attacks = drawn(random());
        int half = attacks.size() / 2;
        List<String> faults = new ArrayList<>();
        try (ExecutorService callers = Executors.newFixedThreadPool(2)) {
            Future<List<String>> first = callers.submit(() -> faults(attacks.subList(0, half)));
            Future<List<String>> second = callers.submit(() -> faults(attacks.subList(half, attacks.size())));
            faults.addAll(first.get());
            faults.addAll(second.get());
        }
        assertEquals(List.of(), faults);
    }

    private static List<String> faults(List<Attack> attacks) throws InterruptedException {
        List<String> faults = new ArrayList<>();
        try (ProgramPool pool = ProgramPool.start(1, DEADLINE)) {
            for (Attack attack : attacks) {
                Outcome outcome = run(attack, pool, faults);
                if (!attack.isMetBy(outcome)) {
                    faults.add(attack + " must be: " + attack.must() + ", and is " + outcome);
                }
                faults.addAll(traces(attack, pool));
            }
        }
        return faults;
    }

    /** Once, and once more where it took long: what lasts does so again, and a machine that stood still a moment does not. */
    private static Outcome run(Attack attack, ProgramPool pool, List<String> faults) throws InterruptedException {
        Duration allowed = deadline(attack).plus(SLACK);
        List<Duration> took = new ArrayList<>();
        while (true) {
            awaitWorker(pool);
            long begin = System.nanoTime();
            Outcome outcome = pool.run(ProgramTask.solution(attack.program()), deadline(attack));
            took.add(Duration.ofNanos(System.nanoTime() - begin));
            if (took.getLast().compareTo(allowed) <= 0) {
                return outcome;
            }
            if (took.size() == 2) {
                faults.add(attack + " took " + took.getFirst() + " and then " + took.getLast());
                return outcome;
            }
        }
    }

    private static List<String> traces(Attack attack, ProgramPool pool) {
        List<String> faults = new ArrayList<>();
        for (String probe : PROBES) {
            Outcome seen = pool.run(ProgramTask.solution(probe), PATIENCE);
            if (!seen.equals(CLEAN)) {
                faults.add(attack + " is seen by the next program: " + seen);
            }
        }
        for (int i = 0; Attacks.EXHAUSTING.contains(attack.family()) && i < 3; i++) {
            Attack victim = VICTIMS.get(Math.floorMod(attack.hashCode() + i, VICTIMS.size()));
            Outcome seen = pool.run(ProgramTask.solution(victim.program()), PATIENCE);
            if (!victim.isMetBy(seen)) {
                faults.add(attack + " wrongs an honest program, " + victim + ": " + seen);
            }
        }
        if (attack.family().equals("traces")) {
            Outcome seen = pool.run(ProgramTask.solution(LIBRARY_PROBE), PATIENCE);
            if (!seen.equals(CLEAN_LIBRARY)) {
                faults.add(attack + " is seen in the library: " + seen);
            }
        }
        return faults;
    }

    /** One that must end by itself may have to import much first. */
    private static Duration deadline(Attack attack) {
        return attack.must().startsWith("r") ? PATIENCE : DEADLINE;
    }

    @Test
    void manyLeaveThePoolHealthy() throws InterruptedException, ExecutionException {
        int count = Integer.getInteger("tests.attacks", 0);
        assumeTrue(count > 0, "skipped: say -Dtests.attacks=1000");
        List<String> faults = new ArrayList<>();
        try (ProgramPool pool = ProgramPool.start(2, DEADLINE);
                ExecutorService callers = Executors.newFixedThreadPool(4)) {
            Random random = random();
            List<Attack> programs = new ArrayList<>();
            for (Attack attack : shuffled(count, random)) {
                programs.add(attack);
                programs.add(VICTIMS.get(random.nextInt(VICTIMS.size())));
            }
            List<Future<Outcome>> outcomes = new ArrayList<>();
            for (Attack program : programs) {
                outcomes.add(
                        callers.submit(() -> pool.run(ProgramTask.solution(program.program()), deadline(program))));
            }
            for (int i = 0; i < programs.size(); i++) {
                Outcome outcome = outcomes.get(i).get();
                if (!programs.get(i).isMetBy(outcome)) {
                    faults.add(programs.get(i) + " must be: " + programs.get(i).must() + ", and is " + outcome);
                }
            }
            for (int i = 0; i < 100; i++) {
                assertEquals(CLEAN, pool.run(ProgramTask.solution(PROBES.get(i % 2)), PATIENCE));
            }
        }
        assertEquals(List.of(), faults);
    }

    private static void awaitWorker(ProgramPool pool) throws InterruptedException {
        long begin = System.nanoTime();
        while (pool.pids().isEmpty()) {
            assertTrue(System.nanoTime() - begin < 10 * PATIENCE.toNanos(), "no worker starts any more");
            Thread.sleep(20);
        }
    }
}
