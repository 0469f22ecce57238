package org.reft4j.train.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reft4j.tensor.Place;

class MicroBatchesTest {
    /** As libtorch's CPU allocator says it. */
    private static final String FULL =
            "[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory";

    private final ToldRun run = new ToldRun();

    private MicroBatches parts(int tokens) {
        return new MicroBatches(new MemoryPlan(Place.HOST, List.of(), 0, 1, 1, tokens, true), Place.HOST, run);
    }

    /** The size that {@link MicroBatches#fit} ends up with if {@code room} tokens fit into memory. */
    private static int fitted(MicroBatches parts, int room) {
        return parts.<Integer>fit(tokens -> within(tokens, room));
    }

    private static int within(int tokens, int room) {
        if (tokens > room) {
            throw new IllegalStateException(FULL);
        }
        return tokens;
    }

    @Test
    void halvesUntilItFits() {
        MicroBatches parts = parts(1000);
        List<Integer> tried = new ArrayList<>();
        int fitting = parts.fit(tokens -> {
            tried.add(tokens);
            return within(tokens, 300);
        });
        assertEquals(250, fitting);
        assertEquals(List.of(1000, 500, 250), tried);
        assertEquals(2, run.events().size());
        assertTrue(
                run.events().getLast().toString().contains("at most 250 tokens"),
                () -> run.events().toString());
        assertEquals(250, fitted(parts, 1000), "and stays so");
    }

    @Test
    void givesUpWhereNothingIsGained() {
        assertThrows(IllegalStateException.class, () -> fitted(parts(1000), 0));
    }

    @Test
    void otherFailuresAreNotRepeated() {
        List<Integer> tried = new ArrayList<>();
        assertThrows(
                IllegalArgumentException.class,
                () -> parts(1000).fit(tokens -> {
                    tried.add(tokens);
                    throw new IllegalArgumentException("shapes differ");
                }));
        assertEquals(List.of(1000), tried);
    }

    @Test
    void aCheckpointKeepsThem() {
        MicroBatches parts = parts(1000);
        assertEquals(250, fitted(parts, 300));
        ObjectNode state = TrainerState.empty();
        parts.save(state);
        MicroBatches restored = parts(1000);
        restored.restore(state);
        assertEquals(250, fitted(restored, 1000));
        MicroBatches old = parts(1000);
        old.restore(TrainerState.empty());
        assertEquals(1000, fitted(old, 1000), "an older checkpoint does not say");
    }
}
