package org.reft4j.train.job;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.tensor.Calibration;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.config.ResumeRules;
import org.reft4j.train.config.Setting;
import org.reft4j.train.plan.RunCheck;
import org.reft4j.train.plan.TrainingPlan;
import org.reft4j.train.run.ConfigChanges;
import org.reft4j.train.run.RunFolder;
import org.reft4j.train.run.RunListener;

/**
 * A training run that is to be started: its settings, its folder, and what a program adds to them. Settings are those of {@code reft
 * train}; everything else has a default.
 *
 * <pre>{@code
 * FinishedJob end = Job.of("{recipe: sft, model: {path: my-model}}", Path.of("runs/first"))
 *         .examples(List.of(new Example("Two and two?", "4", "2 + 2 = 4. The answer is 4.")), List.of())
 *         .start()
 *         .await();
 * System.out.println(end.ask("Two and three?"));
 * }</pre>
 */
public final class Job {
    /** The settings, with what the program puts over them. */
    private final Function<List<Setting>, ConfigFile.Resolved> settings;

    private final Path folder;
    private final List<Setting> over = new ArrayList<>();
    private final List<RunListener> listeners = new ArrayList<>();
    private List<Example> train = List.of();
    private List<Example> validation = List.of();
    private @Nullable Grader grader;
    private @Nullable GraderTools shared;
    private Toolbox.Plugins plugins = Toolbox.Plugins.NONE;
    private HubProgress fetching = HubProgress.NONE;
    private Consumer<String> remarks = _ -> {};
    private boolean resume;
    private boolean endsDiverged;
    private ConfigFile.@Nullable Resolved prepared;

    private Job(Function<List<Setting>, ConfigFile.Resolved> settings, Path folder) {
        this.settings = settings;
        this.folder = folder;
    }

    /**
     * A run of settings in YAML.
     *
     * @param yaml the text of a configuration file: {@code recipe} and every key that differs from its default
     * @param folder the folder of the run; made when it starts
     */
    public static Job of(String yaml, Path folder) {
        return new Job(over -> ConfigFile.parse(yaml, over), folder).set("name", name(folder));
    }

    /**
     * A run of a configuration file.
     *
     * @param folder the folder of the run; made when it starts
     */
    public static Job of(Path file, Path folder) {
        return new Job(over -> ConfigFile.read(file, over), folder).set("name", name(folder));
    }

    /**
     * A run of settings made in Java.
     *
     * @param recipe such as {@code sft}
     * @param values settings by dotted key, such as {@code optimizer.learning-rate}; the others have the recipe's defaults
     * @param folder the folder of the run; made when it starts
     */
    public static Job of(String recipe, Map<String, ?> values, Path folder) {
        Job job = of("recipe: " + recipe, folder);
        values.forEach(job::set);
        return job;
    }

    /**
     * A run of settings that were read already.
     *
     * @param folder the folder of the run; made when it starts
     */
    public static Job of(ConfigFile.Resolved settings, Path folder) {
        return new Job(over -> over.isEmpty() ? settings : settings.with(over), folder);
    }

    private static String name(Path folder) {
        return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    }

    /**
     * Puts a value over the settings.
     *
     * @param key dotted, such as {@code ppo.kl}
     * @param value a number, a truth value or a text as YAML has it
     */
    @CanIgnoreReturnValue
    public Job set(String key, Object value) {
        over.add(new Setting(key, String.valueOf(value)));
        return this;
    }

    /**
     * Sets the training questions, instead of the data of the settings. They are stored next to the run's folder, in a folder with the same
     * name plus {@code .data}.
     *
     * @param heldOut validation questions, to choose the best model by; if empty, some of the others are held out
     */
    @CanIgnoreReturnValue
    public Job examples(List<Example> questions, List<Example> heldOut) {
        train = List.copyOf(questions);
        validation = List.copyOf(heldOut);
        return this;
    }

    /**
     * Gives it a grader, instead of that of the settings. It is called from many threads at once; a call that throws or takes longer than
     * ten seconds is a failed grade, which is counted and not trained on.
     */
    @CanIgnoreReturnValue
    public Job grader(Grader own) {
        grader = own;
        return this;
    }

    /** Tells a listener each event of the run. May be called several times. */
    @CanIgnoreReturnValue
    public Job listener(RunListener listener) {
        listeners.add(listener);
        return this;
    }

    /** Lets it go on where the folder holds a run of these settings, from its newest checkpoint. Without this such a folder is refused. */
    @CanIgnoreReturnValue
    public Job resume(boolean allowed) {
        resume = allowed;
        return this;
    }

    /** Graders written in Java that the settings name. */
    @CanIgnoreReturnValue
    public Job plugins(Toolbox.Plugins classes) {
        plugins = classes;
        return this;
    }

    /** Tells how the download of a model goes that is not on this machine. */
    @CanIgnoreReturnValue
    public Job fetching(HubProgress progress) {
        fetching = progress;
        return this;
    }

    /** Tells what a person should know before the run begins, such as that memory will be scarce. */
    @CanIgnoreReturnValue
    public Job remarks(Consumer<String> listener) {
        remarks = listener;
        return this;
    }

    /**
     * Makes this job one of several runs of an experiment, which has checked them all, owns their tools and has configured this process.
     * The run resumes where it stopped, and keeps the number of steps that it was started with.
     *
     * @param tools the experiment's tools
     * @param divergedCounts true if a run that a guard stops counts as finished, instead of failing
     */
    @CanIgnoreReturnValue
    public Job within(GraderTools tools, boolean divergedCounts) {
        shared = tools;
        resume = true;
        endsDiverged = divergedCounts;
        return this;
    }

    /**
     * Starts the run on a thread of its own.
     *
     * @throws ConfigException for settings that are refused; nothing was started then
     */
    @SuppressWarnings("MustBeClosedChecker") // closed by the thread that runs it
    public RunningJob start() {
        return new RunningJob(open());
    }

    /**
     * Checks everything, and makes or opens the folder. The run goes on when it is {@linkplain OpenJob#run run}.
     *
     * @throws ConfigException for settings that are refused
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the folder is handed to the job, which closes it
    public OpenJob open() {
        if (shared != null) {
            ConfigFile.Resolved known = settings.apply(over);
            return new OpenJob(
                    known,
                    folder(known, ResumeRules::sameLength),
                    shared,
                    Optional.empty(),
                    Optional.empty(),
                    endsDiverged);
        }
        ConfigFile.Resolved pinned = prepare();
        Toolbox toolbox = Toolbox.of(
                pinned.config().data().cot(), plugins, pinned.config().models());
        try {
            GraderTools tools =
                    grader == null ? toolbox.tools() : toolbox.tools().with(grader);
            RunCheck check = RunCheck.of(pinned, folder, resume, tools);
            check.memory().crowded().ifPresent(remarks);
            RunFolder run = folder(pinned, ResumeRules::prolonging);
            return new OpenJob(pinned, run, tools, Optional.of(toolbox), Optional.of(check), false);
        } catch (RuntimeException e) {
            toolbox.close();
            throw e;
        }
    }

    /**
     * Reads the settings, fetches the models that they name, and chooses how this process computes: what may take minutes before the run
     * exists. {@link #open} does it where it was not done.
     *
     * @throws ConfigException for settings that are refused
     */
    @CanIgnoreReturnValue
    public ConfigFile.Resolved prepare() {
        if (prepared == null) {
            ConfigFile.Resolved resolved = resolved();
            Calibration.chooseBlas(resume ? RunEnvironment.blas(folder) : Optional.empty());
            prepared = TrainingPlan.pinned(resolved, folder);
        }
        return prepared;
    }

    @MustBeClosed
    private RunFolder folder(ConfigFile.Resolved resolved, ConfigChanges.Rule rule) {
        return RunFolder.open(folder, resolved.yaml(), RunEnvironment.current(), resume, listeners, rule);
    }

    /** The settings with everything that the program adds, and the models that they name on this machine. */
    private ConfigFile.Resolved resolved() {
        List<Setting> all = new ArrayList<>(over);
        if (!train.isEmpty()) {
            all.addAll(ExampleFiles.write(folder, train, validation));
        }
        if (grader != null) {
            all.add(new Setting("grader", "{type: java, class: " + GraderTools.OWN + "}"));
        }
        ConfigFile.Resolved resolved = settings.apply(all);
        resolved.config().sources().forEach((key, source) -> fetch(key, source.path()));
        return resolved;
    }

    /** Fetches the model once, with a display; later opens find it in the cache. */
    private void fetch(String key, @Nullable String path) {
        if (path != null) {
            Path model = ModelHub.locate(path, fetching);
            ConfigException.check(Files.exists(model), key, path, "a model that exists");
        }
    }
}
