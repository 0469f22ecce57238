package org.reft4j.tensor;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.MustBeClosed;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.WeakHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Owns every native object made on this thread until it closes. Scopes nest; they do not cross threads. Without one, tensors live
 * until the garbage collector happens to run, and a loop grows by gigabytes.
 */
public final class NativeScope implements AutoCloseable {
    /** While tracing: for each open scope and each owned object the place in the code that opened or took it. */
    private static volatile @Nullable Map<Object, StackTraceElement> places;

    private final @Nullable PointerScope outer = PointerScope.getInnerScope();
    private final PointerScope inner = new PointerScope();

    private NativeScope() {
        note(this);
    }

    /** Notes from here on who opens scopes and owns objects, for {@link #held}; for tests, since it costs a stack walk each time. */
    public static void trace() {
        places = Collections.synchronizedMap(new WeakHashMap<>());
    }

    /** The places in the code whose scopes are still open or whose objects are still alive, with how many; empty unless tracing. */
    public static SortedMap<String, Integer> held() {
        SortedMap<String, Integer> held = new TreeMap<>();
        Map<Object, StackTraceElement> noted = places;
        if (noted != null) {
            synchronized (noted) {
                noted.forEach((holder, place) -> {
                    if (!(holder instanceof Pointer pointer && pointer.isNull())) {
                        held.merge(place.toString(), 1, Integer::sum);
                    }
                });
            }
        }
        return held;
    }

    /** @param holder a scope, or an object that somebody owns */
    private static void note(Object holder) {
        Map<Object, StackTraceElement> noted = places;
        if (noted != null) {
            noted.put(
                    holder,
                    StackWalker.getInstance()
                            .walk(frames -> frames.filter(
                                            frame -> !frame.getClassName().equals(NativeScope.class.getName()))
                                    .findFirst()
                                    .orElseThrow()
                                    .toStackTraceElement()));
        }
    }

    @MustBeClosed
    public static NativeScope open() {
        return new NativeScope();
    }

    /** Hands {@code kept} to the enclosing scope, or to the caller when there is none. */
    @CanIgnoreReturnValue
    public <P extends Pointer> P keep(P kept) {
        if (outer != null) {
            outer.attach(kept);
        } else {
            kept.retainReference();
        }
        return kept;
    }

    /**
     * Takes {@code kept} out of every scope: the caller owns it and must call {@link Pointer#close()}. For objects that live in a
     * field.
     */
    @CanIgnoreReturnValue
    public static <P extends Pointer> P own(P kept) {
        kept.retainReference();
        note(kept);
        return kept;
    }

    @Override
    public void close() {
        Map<Object, StackTraceElement> noted = places;
        if (noted != null) {
            noted.remove(this);
        }
        inner.close();
    }
}
