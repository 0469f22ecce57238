package org.reft4j.task.graders;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.Grade;
import org.reft4j.task.grade.Grader;

/**
 * Keeps the grades of a deterministic grader, by the content of question and completion. What is being graded is not graded a second time
 * meanwhile: whoever asks waits for it. Failures are not kept. Beyond its capacity, what was not asked for longest is forgotten.
 */
final class CachedGrader implements Grader {
    private final Grader grader;
    private final Map<String, CompletableFuture<Grade>> grades; // guarded by itself

    /** @param capacity grades, at least 1 */
    CachedGrader(Grader grader, int capacity) {
        this.grader = grader;
        grades = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, CompletableFuture<Grade>> eldest) {
                return size() > capacity;
            }
        };
    }

    @Override
    public Grade grade(Question question, String completion) {
        String key = key(question, completion);
        CompletableFuture<Grade> mine = new CompletableFuture<>();
        CompletableFuture<Grade> earlier;
        synchronized (grades) {
            earlier = grades.putIfAbsent(key, mine);
        }
        return earlier == null ? compute(key, mine, question, completion) : await(earlier);
    }

    private Grade compute(String key, CompletableFuture<Grade> mine, Question question, String completion) {
        try {
            Grade grade = grader.grade(question, completion);
            if (grade instanceof Grade.Failed) {
                forget(key, mine);
            }
            mine.complete(grade);
            return grade;
        } catch (RuntimeException | Error e) {
            forget(key, mine);
            mine.completeExceptionally(e);
            throw e;
        }
    }

    private void forget(String key, CompletableFuture<Grade> mine) {
        synchronized (grades) {
            grades.remove(key, mine);
        }
    }

    private static Grade await(CompletableFuture<Grade> grade) {
        try {
            return grade.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Not by a character set: those have no bytes for half a surrogate pair. */
    private static byte[] bytes(String part) {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES + Character.BYTES * part.length());
        bytes.putInt(part.length()).asCharBuffer().put(part);
        return bytes.array();
    }

    /** Digest of all that graders see, each part preceded by its length. */
    private static String key(Question question, String completion) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {
                question.id(),
                question.text(),
                question.answer().toString(),
                String.valueOf(question.rationale()),
                String.valueOf(question.conversation()),
                String.valueOf(question.row()),
                completion
            }) {
                digest.update(bytes(part));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
