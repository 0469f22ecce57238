package org.reft4j.tensor;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.MustBeClosed;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Owns every native object made on this thread until it closes. Scopes nest; they do not cross threads. Without one, tensors live
 * until the garbage collector happens to run, and a loop grows by gigabytes.
 */
public final class NativeScope implements AutoCloseable {
    private final @Nullable PointerScope outer = PointerScope.getInnerScope();
    private final PointerScope inner = new PointerScope();

    private NativeScope() {}

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
        return kept;
    }

    @Override
    public void close() {
        inner.close();
    }
}
