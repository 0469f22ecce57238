package org.reft4j.train.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.KeptRollout;

/** Event that a recipe reports, its only output. Steps count from 1; 0 is before the first. */
public sealed interface RunEvent {
    int step();

    /**
     * The run starts or resumes.
     *
     * @param step the last step completed, 0 at the start
     * @param steps number of steps of the run; 0 if that is known only after the first
     * @param recipe such as {@code reft}
     */
    record Started(int step, int steps, String recipe) implements RunEvent {}

    /**
     * One step is done.
     *
     * @param metrics reproducible figures by name (docs/algorithms explain each)
     * @param timings seconds of each phase, tokens per second: differ from run to run
     */
    record Stepped(int step, int steps, Map<String, Double> metrics, Map<String, Double> timings) implements RunEvent {}

    /** The completions of a step, with grades. */
    record RolledOut(int step, List<KeptRollout> rollouts) implements RunEvent {}

    /**
     * The model was measured.
     *
     * @param split {@code validation} or {@code test}
     */
    record Evaluated(int step, String split, Evaluation evaluation) implements RunEvent {}

    /** A checkpoint is complete. */
    record Saved(int step, Path folder, boolean best) implements RunEvent {}

    /**
     * Progress of long work within a step; for displays only, not stored.
     *
     * @param phase such as {@code sampling}
     * @param done amount done so far, in {@code unit}
     * @param total amount in all; 0 if not known
     */
    record Progress(int step, String phase, long done, long total, String unit) implements RunEvent {}

    /** A fact of the run that a person wants to read at its start; not kept, since the configuration decides it. */
    record Noted(int step, String message) implements RunEvent {}

    /** Something that a person should know, but that does not end the run. */
    record Warned(int step, String message) implements RunEvent {}

    /** The run is over. */
    record Finished(int step, Outcome outcome) implements RunEvent {}

    /** The way in which a run ended. */
    enum Outcome {
        /** All steps are done. */
        DONE,
        /** It was stopped in order, and can be resumed. */
        STOPPED,
        /** A guard stopped it, and that is the end of it: in an experiment. */
        DIVERGED;

        /** The word for it in a run's files. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
