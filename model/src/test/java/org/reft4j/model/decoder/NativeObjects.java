package org.reft4j.model.decoder;

import org.bytedeco.javacpp.Pointer;

/** Counts native objects for tests that nothing stays open. */
final class NativeObjects {
    private static final int CALM = 3;
    private static final int MOST = 50;

    private NativeObjects() {}

    /** The count once the garbage collector has taken what earlier tests left: it must not do so between two counts. */
    static long settled() throws InterruptedException {
        long count = Pointer.totalCount();
        for (int calm = 0, tried = 0; calm < CALM && tried < MOST; tried++) {
            System.gc();
            Thread.sleep(10);
            long now = Pointer.totalCount();
            calm = now == count ? calm + 1 : 0;
            count = now;
        }
        return count;
    }
}
