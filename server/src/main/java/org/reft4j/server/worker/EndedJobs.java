package org.reft4j.server.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.server.store.Database;
import org.reft4j.server.store.JobModel;
import org.reft4j.server.store.JobModels;
import org.reft4j.server.store.Jobs;

/** Jobs that ended long ago: deletes what is kept of them for some time only. Their events, figures and models stay. */
public final class EndedJobs {
    private final Path data;
    private final Jobs jobs;
    private final JobModels models;
    private final Duration runs;
    private final Duration checkpoints;

    /**
     * @param runs time for which a run's folder is kept; zero for ever
     * @param checkpoints time for which checkpoints beside the job's model are kept; zero for ever
     */
    public EndedJobs(Path data, Database database, Duration runs, Duration checkpoints) {
        this.data = data;
        this.jobs = new Jobs(database);
        this.models = new JobModels(database);
        this.runs = runs;
        this.checkpoints = checkpoints;
    }

    /** Deletes what is too old. */
    public void sweep() throws IOException {
        long now = System.currentTimeMillis();
        if (!runs.isZero()) {
            for (String job : jobs.endedBefore(now - runs.toMillis())) {
                JobFolder folder = new JobFolder(data, job);
                DurableFiles.deleteTree(folder.run());
                DurableFiles.deleteTree(folder.data());
                jobs.runDeleted(
                        job,
                        "The rollouts and curves of the job were deleted, " + runs.toDays()
                                + " days after its end (keep.runs-days); its model, events and figures stay");
            }
        }
        if (!checkpoints.isZero()) {
            for (JobModel model : models.leftBefore(now - checkpoints.toMillis())) {
                // The row first, so that nobody finds a half of it.
                if (models.delete(model.project(), model.name())) {
                    new JobFolder(data, model.job()).dropModel(model.folder());
                }
            }
        }
    }
}
