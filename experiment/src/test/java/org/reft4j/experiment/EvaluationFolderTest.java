package org.reft4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.train.run.Results;

class EvaluationFolderTest {
    @TempDir
    private Path folder;

    private ObjectNode figures(String model, String opened, String split, int limit) {
        return Results.object()
                .put("place", folder.resolve(model).toString())
                .put("data", "jsonl")
                .put("opened", opened)
                .put("split", split)
                .put("cot", "n")
                .put("limit", limit);
    }

    private String chosen(ObjectNode figures) {
        Path into = EvaluationFolder.choose(folder.resolve("runs"), figures);
        Results.write(into.resolve("results.json"), Results.text(figures));
        return into.getFileName().toString();
    }

    @Test
    void namesTheRunTheDataTheSplitAndTheLimit() {
        assertEquals("evaluate-a-jsonl-test", chosen(figures("a", "x", "test", 0)));
        assertEquals("evaluate-a-jsonl-validation", chosen(figures("a", "x", "validation", 0)));
        assertEquals("evaluate-a-jsonl-test-first-50", chosen(figures("a", "x", "test", 50)));
        assertEquals("evaluate-a-step-000050-jsonl-test", chosen(figures("a/checkpoints/step-000050", "x", "test", 0)));
    }

    /** Runs of one name in two places, and other data of one kind, do not overwrite each other; the same again does. */
    @Test
    void noFolderIsThatOfTwo() {
        assertEquals("evaluate-a-jsonl-test", chosen(figures("one/a", "x", "test", 0)));
        assertEquals("evaluate-a-jsonl-test-2", chosen(figures("two/a", "x", "test", 0)));
        assertEquals("evaluate-a-jsonl-test-3", chosen(figures("one/a", "y", "test", 0)));
        assertEquals("evaluate-a-jsonl-test", chosen(figures("one/a", "x", "test", 0)));
        assertEquals("evaluate-a-jsonl-test-2", chosen(figures("two/a", "x", "test", 0)));
    }
}
