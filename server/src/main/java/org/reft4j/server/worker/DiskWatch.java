package org.reft4j.server.worker;

import org.reft4j.server.store.Room;
import org.reft4j.server.store.StoreFullException;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunListener;

/** Stops a run after a step, with a checkpoint, while there is still room for one: before the disk is full for everybody. */
final class DiskWatch implements RunListener {
    private final Room disk;
    private final JobFolder folder;
    private final Runnable stop;
    private volatile boolean full;

    DiskWatch(Room disk, JobFolder folder, Runnable stop) {
        this.disk = disk;
        this.folder = folder;
        this.stop = stop;
    }

    /** True if it was this that stopped the run. */
    boolean full() {
        return full;
    }

    @Override
    public void on(RunEvent event) {
        if (!full && disk.reserveBytes() > 0 && event instanceof RunEvent.Stepped) {
            try {
                disk.requireDisk(folder.root(), folder.checkpointBytes());
            } catch (StoreFullException _) {
                full = true;
                stop.run();
            }
        }
    }
}
