package org.reft4j.task.graders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.reft4j.sandbox.ProgramPoolException;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.GradeError;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.GraderType;

final class CachedGraderTest {
    private static final Question QUESTION = GraderObjects.item("{'x': 1}");

    private final AtomicInteger computed = new AtomicInteger();

    private Grader counting() {
        return (_, completion) -> {
            computed.incrementAndGet();
            return Grade.Scored.of(completion.length());
        };
    }

    @Test
    void anEqualCompletionOfAnEqualQuestionIsNotGradedAgain() {
        Grader cached = new CachedGrader(counting(), 10);
        assertEquals(Grade.Scored.of(2), cached.grade(QUESTION, "ab"));
        assertEquals(Grade.Scored.of(2), cached.grade(GraderObjects.item("{'x': 1}"), "ab"));
        assertEquals(1, computed.get());
        assertEquals(Grade.Scored.of(3), cached.grade(QUESTION, "abc"));
        assertEquals(Grade.Scored.of(2), cached.grade(GraderObjects.item("{'x': 2}"), "ab"));
        assertEquals(3, computed.get());
    }

    @Test
    void halvesOfCharactersAreTold() {
        Grader cached = new CachedGrader((_, completion) -> Grade.Scored.of(completion.charAt(0)), 10);
        assertEquals(Grade.Scored.of(0xd800), cached.grade(QUESTION, "\ud800"));
        assertEquals(Grade.Scored.of(0xd801), cached.grade(QUESTION, "\ud801"));
    }

    @Test
    void whatWasNotAskedForLongestIsForgotten() {
        Grader cached = new CachedGrader(counting(), 2);
        for (String completion : List.of("a", "b", "a", "c", "a", "b")) {
            cached.grade(QUESTION, completion);
        }
        assertEquals(4, computed.get());
    }

    @Test
    void failuresAreNotKept() {
        Grader cached = new CachedGrader(
                (_, _) -> computed.incrementAndGet() == 1
                        ? new Grade.Failed(GradeError.OTHER_ERROR, "once")
                        : Grade.Scored.of(1),
                10);
        assertEquals("failed", cached.grade(QUESTION, "a").label());
        assertEquals("scored", cached.grade(QUESTION, "a").label());
        assertEquals("scored", cached.grade(QUESTION, "a").label());
        assertEquals(2, computed.get());
    }

    @Test
    void exceptionsPassAndAreNotKept() {
        Grader cached = new CachedGrader(
                (_, _) -> {
                    if (computed.incrementAndGet() == 1) {
                        throw new ProgramPoolException("no worker");
                    }
                    return Grade.Scored.of(1);
                },
                10);
        assertThrows(ProgramPoolException.class, () -> cached.grade(QUESTION, "a"));
        assertEquals("scored", cached.grade(QUESTION, "a").label());
    }

    @Test
    void manyThreadsGradeOnce() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Grader cached = new CachedGrader(
                (_, _) -> {
                    computed.incrementAndGet();
                    begun.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return Grade.Scored.of(1);
                },
                10);
        AtomicInteger right = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                if (cached.grade(QUESTION, "a").equals(Grade.Scored.of(1))) {
                    right.incrementAndGet();
                }
            }));
            begun.await(); // the first one is being graded when the others ask
        }
        goOn.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(8, right.get());
        assertEquals(1, computed.get());
    }

    /** Deterministic types, the only ones that may be wrapped, say so themselves. */
    @Test
    void typesSayWhetherTheyAreDeterministic() {
        List<String> others = Graders.TYPES.stream()
                .filter(type -> !type.deterministic())
                .map(GraderType::name)
                .toList();
        assertEquals(true, others.containsAll(List.of("score_model", "label_model", "multi", "endpoint", "java")));
        Grader plain = GraderObjects.grader(
                "{'type': 'string_check', 'input': '', 'reference': '', 'operation': 'eq'}",
                GraderTools.plain(Cot.PROSE));
        assertEquals(CachedGrader.class, plain.getClass());
    }
}
