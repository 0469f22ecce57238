package org.reft4j.train.job;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.train.DivergedException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.plan.RunCheck;
import org.reft4j.train.run.ConfigDifference;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;

/**
 * A run that has been checked and whose folder is locked against other processes. {@link #run} trains on the caller's thread; {@link #stop}
 * may be called from any. Closed when the run has ended.
 */
public final class OpenJob implements AutoCloseable {
    private final ConfigFile.Resolved settings;
    private final RunFolder folder;
    private final GraderTools tools;
    private final Optional<Toolbox> owned;
    private final Optional<RunCheck> check;
    private final boolean endsDiverged;

    /**
     * Takes over its arguments.
     *
     * @param owned tools that are closed with it
     * @param endsDiverged true if a run that a guard stops counts as finished
     */
    OpenJob(
            ConfigFile.Resolved settings,
            RunFolder folder,
            GraderTools tools,
            Optional<Toolbox> owned,
            Optional<RunCheck> check,
            boolean endsDiverged) {
        this.settings = settings;
        this.folder = folder;
        this.tools = tools;
        this.owned = owned;
        this.check = check;
        this.endsDiverged = endsDiverged;
    }

    /** The folder of the run. */
    public Path folder() {
        return folder.folder();
    }

    /** The findings of the check; empty for a run of an experiment, which checks all its runs at once. */
    public Optional<RunCheck> check() {
        return check;
    }

    /** The settings that have changed since the run was last at work. */
    public List<ConfigDifference> changed() {
        return folder.changed();
    }

    /** Asks the run to end after its current step, in good order. */
    public void stop() {
        folder.requestStop();
    }

    /**
     * Trains until all steps are done or a stop is requested.
     *
     * @throws DivergedException if a guard stops it
     */
    public FinishedJob run() {
        try {
            settings.run(folder, tools);
        } catch (DivergedException e) {
            int step = folder.latest().map(Run.Checkpoint::step).orElse(-1);
            if (!endsDiverged || step < 0) {
                folder.failed();
                throw e;
            }
            folder.emit(new RunEvent.Warned(step, String.valueOf(e.getMessage())));
            folder.emit(new RunEvent.Finished(step, RunEvent.Outcome.DIVERGED));
        } catch (RuntimeException e) {
            folder.failed();
            throw e;
        }
        return new FinishedJob(folder.folder(), settings, folder.best().or(folder::latest));
    }

    @Override
    public void close() {
        folder.close();
        owned.ifPresent(Toolbox::close);
    }
}
