package org.reft4j.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.FolderLock;
import org.reft4j.ground.files.Json;
import org.reft4j.train.ConfigException;

/**
 * A run on the disk: everything that it emits, in files that people and tools read, and its checkpoints.
 *
 * <p>A run may be killed at any instant. Opening it again drops whatever came after its newest checkpoint, from which the recipe then goes
 * on; events of steps up to that one are on record already and are not recorded twice. {@code metrics.jsonl} and {@code rollouts.sqlite}
 * of a run that was killed and resumed therefore equal those of one that was not, as long as the recipe emits what belongs to a step before
 * the step's checkpoint.
 *
 * <p>{@link #requestStop} may be called from any thread; everything else belongs to one, though events may come from others.
 */
public final class RunFolder implements Run, AutoCloseable {
    static final String CONFIG = "config.yaml";
    static final String ENVIRONMENT = "environment.json";
    static final String CHECKPOINTS = "checkpoints";

    private static final String CANNOT_MAKE = "cannot make run folder";

    private final Path folder;
    private final List<RunListener> watchers;
    private final FolderLock lock;
    private final Checkpoints checkpoints;
    private final int recordedUpTo;
    private final Recording recording;
    private final boolean fresh;
    private final List<ConfigDifference> changed;
    private volatile boolean begun;
    private volatile boolean refused;
    private volatile boolean stopRequested;

    @MustBeClosed
    private RunFolder(Path folder, List<RunListener> watchers, FolderLock lock, Prepared prepared) {
        this.folder = folder;
        this.fresh = prepared.fresh();
        this.changed = prepared.changes().allowed();
        this.watchers = List.copyOf(watchers);
        this.lock = lock;
        this.checkpoints = Checkpoints.open(folder.resolve(CHECKPOINTS));
        checkpoints.latest().ifPresent(newest -> RecordChecksums.require(folder, newest));
        this.recordedUpTo = checkpoints.latest().map(Checkpoint::step).orElse(-1);
        this.recording = Recording.open(folder, recordedUpTo);
    }

    /**
     * Starts a run in a new folder, or resumes the existing one.
     *
     * @param resolvedConfigYaml all settings, including defaults; they identify the run
     * @param environment versions and machine
     * @param resume true if resuming is allowed; a folder that does not exist yet is started either way
     * @param watchers get every event after it was recorded
     * @param rule the settings that may have changed since
     * @throws ConfigException if the folder holds another run, an existing run without {@code resume}, or something that is not a run
     * @throws RunException if it cannot be written or is in use
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed on the failing path below, handed to the caller on the other
    public static RunFolder open(
            Path folder,
            String resolvedConfigYaml,
            Map<String, String> environment,
            boolean resume,
            List<RunListener> watchers,
            ConfigChanges.Rule rule) {
        refuseForeign(folder);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw RunException.of(CANNOT_MAKE, folder, e);
        }
        FolderLock lock = lock(folder);
        try {
            Prepared prepared = prepare(folder, resolvedConfigYaml, environment, resume, rule);
            RunFolder run = new RunFolder(folder, watchers, lock, prepared);
            prepared.environment().ifPresent(words -> run.tell(run.warned(words)));
            prepared.changes().warning().filter(_ -> run.recordedUpTo > 0).ifPresent(words -> {
                run.recording.add(run.warned(words), Instant.now());
                run.renewChecksums();
                run.tell(run.warned(words));
            });
            return run;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static FolderLock lock(Path folder) {
        try {
            return FolderLock.take(folder);
        } catch (FolderLock.HeldException held) {
            throw new RunException("run folder " + folder + " is in use by process " + held.owner()
                    + "; wait for it, stop it, or give this run another name");
        } catch (IOException e) {
            throw RunException.of("cannot lock", folder.resolve(FolderLock.FILE), e);
        }
    }

    /** As above where nothing may have changed. */
    @MustBeClosed
    public static RunFolder open(
            Path folder,
            String resolvedConfigYaml,
            Map<String, String> environment,
            boolean resume,
            List<RunListener> watchers) {
        return open(folder, resolvedConfigYaml, environment, resume, watchers, ConfigChanges::none);
    }

    /** Renews the checksums of records that the newest checkpoint covers, after an intended change. */
    private void renewChecksums() {
        recording.flush();
        checkpoints.latest().ifPresent(newest -> RecordChecksums.renew(newest, recording.sums()));
    }

    /** The settings that have changed since the run was last active. */
    public List<ConfigDifference> changed() {
        return changed;
    }

    private RunEvent.Warned warned(String words) {
        return new RunEvent.Warned(Math.max(0, recordedUpTo), words);
    }

    /**
     * Checks the folder as {@link #open} does, without creating anything.
     *
     * @param rule the settings that may have changed since
     * @return the run as it would be resumed
     * @throws ConfigException as {@link #open}
     * @throws RunException if the folder could not be written, or what is there is damaged
     */
    public static FoundRun find(Path folder, String resolvedConfigYaml, boolean resume, ConfigChanges.Rule rule) {
        requireWritable(folder);
        refuseForeign(folder);
        Path config = folder.resolve(CONFIG);
        try {
            if (Files.exists(config)) {
                var _ = allowed(folder, Files.readString(config), resolvedConfigYaml, resume, rule);
            }
        } catch (IOException e) {
            throw RunException.of("cannot read", config, e);
        }
        FoundRun found = FoundRun.in(folder);
        found.latest().ifPresent(newest -> RecordChecksums.require(folder, newest));
        return found;
    }

    /** The folder itself, or the nearest above it that is there. */
    private static void requireWritable(Path folder) {
        Path there = folder.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            throw RunException.of(CANNOT_MAKE, folder, new FileAlreadyExistsException(there.toString()));
        }
        if (!Files.isWritable(there)) {
            throw RunException.of(CANNOT_MAKE, folder, new AccessDeniedException(there.toString()));
        }
    }

    @Override
    public Optional<Checkpoint> latest() {
        return checkpoints.latest();
    }

    @Override
    public Optional<Checkpoint> best() {
        return checkpoints.best();
    }

    @Override
    public synchronized void emit(RunEvent event) {
        begun |= !(event instanceof RunEvent.Started
                || event instanceof RunEvent.Noted
                || event instanceof RunEvent.Warned);
        boolean recorded = event.step() <= recordedUpTo && !(event instanceof RunEvent.Finished);
        if (!recorded) {
            recording.add(event, Instant.now());
        } else if (event instanceof RunEvent.Started started) {
            if (recording.steps(started.steps())) {
                renewChecksums();
            }
        }
        tell(event);
    }

    @Override
    public boolean stopRequested() {
        return stopRequested;
    }

    /** Asks the recipe to end after the step that it is in. */
    public void requestStop() {
        stopRequested = true;
    }

    /**
     * Says that the recipe ended with an error. Where it had done nothing yet, in a folder that was made for it, {@link #close} takes the
     * folder away: there is nothing to go on with, and it would be in the way of a corrected try.
     */
    public void failed() {
        refused = fresh && !begun && latest().isEmpty();
    }

    /** {@inheritDoc} Emits {@link RunEvent.Saved}. */
    @Override
    public synchronized Checkpoint checkpoint(int step, double score, Contents contents) {
        // Records that a checkpoint relies on must reach the disk before it.
        recording.flush();
        Checkpoint written = checkpoints.write(step, score, recording.sums(), contents);
        tell(new RunEvent.Saved(
                step, written.folder(), best().filter(written::equals).isPresent()));
        return written;
    }

    @Override
    public void opened(RunData data) {
        data.save(folder);
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        try (lock;
                recording) {
            recording.flush();
        }
        if (refused) {
            remove();
        }
    }

    /** The folder held nothing when it was opened. */
    private void remove() {
        try {
            DurableFiles.deleteTree(folder);
        } catch (IOException e) {
            throw RunException.of("cannot remove", folder, e);
        }
    }

    private void tell(RunEvent event) {
        watchers.forEach(watcher -> watcher.on(event));
    }

    private static void refuseForeign(Path folder) {
        if (!Files.isDirectory(folder) || Files.exists(folder.resolve(CONFIG))) {
            return;
        }
        Set<String> own = Set.of(FolderLock.FILE, ENVIRONMENT);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (!own.contains(name) && !DurableFiles.isLeftover(entry)) {
                    throw new ConfigException("folder " + folder + " is not a run (it holds " + name + " but no "
                            + CONFIG + "); give the run another name, or move the folder away");
                }
            }
        } catch (IOException e) {
            throw RunException.of("cannot read", folder, e);
        }
    }

    /**
     * State of the folder before the run is opened.
     *
     * @param fresh true if there was no run
     * @param changes changes of the configuration
     * @param environment differences of the environment, in words
     */
    private record Prepared(boolean fresh, ConfigChanges changes, Optional<String> environment) {}

    /** Writes or compares the configuration. */
    private static Prepared prepare(
            Path folder, String config, Map<String, String> environment, boolean resume, ConfigChanges.Rule rule) {
        Path configFile = folder.resolve(CONFIG);
        Path environmentFile = folder.resolve(ENVIRONMENT);
        try {
            DurableFiles.clearLeftovers(folder);
            if (!Files.exists(configFile)) {
                DurableFiles.write(
                        environmentFile,
                        Json.PLAIN.writerWithDefaultPrettyPrinter().writeValueAsString(new TreeMap<>(environment))
                                + "\n");
                DurableFiles.write(configFile, config);
                return new Prepared(true, ConfigChanges.none("", ""), Optional.empty());
            }
            String before = Files.readString(configFile);
            ConfigChanges changes = allowed(folder, before, config, resume, rule);
            if (!changes.allowed().isEmpty()) {
                replace(folder, before, config);
            }
            return new Prepared(false, changes, changes(Files.readString(environmentFile), environment));
        } catch (IOException e) {
            throw RunException.of("cannot prepare run folder", folder, e);
        }
    }

    private static ConfigChanges allowed(
            Path folder, String before, String now, boolean resume, ConfigChanges.Rule rule) {
        ConfigChanges changes = rule.between(before, now);
        changes.check(folder);
        if (!resume) {
            throw ConfigException.resumable(
                    folder + " holds a run with this configuration already; go on with it",
                    List.of(),
                    ", give this run another name, or delete " + folder);
        }
        return changes;
    }

    /** Writes the configuration that applies from here on; the previous one is kept in another file. */
    private static void replace(Path folder, String before, String now) throws IOException {
        List<Checkpoint> there = Checkpoints.list(folder.resolve(CHECKPOINTS));
        int step = there.isEmpty() ? 0 : there.getLast().step();
        Path old = folder.resolve(String.format(Locale.ROOT, "config-until-step-%06d.yaml", step));
        if (step > 0 && !Files.exists(old)) {
            DurableFiles.write(old, before);
        }
        DurableFiles.write(folder.resolve(CONFIG), now);
    }

    private static Optional<String> changes(String beforeJson, Map<String, String> now) throws JsonProcessingException {
        Map<String, String> before = Json.PLAIN.readValue(beforeJson, new TypeReference<Map<String, String>>() {});
        Set<String> keys = new TreeSet<>(now.keySet());
        keys.addAll(before.keySet());
        List<String> changed = keys.stream()
                .filter(key -> !before.getOrDefault(key, "").equals(now.getOrDefault(key, "")))
                .map(key -> key + " was " + before.getOrDefault(key, "unknown") + ", is "
                        + now.getOrDefault(key, "unknown"))
                .toList();
        return changed.isEmpty()
                ? Optional.empty()
                : Optional.of("resumed in another environment, so figures may differ in the last digits: "
                        + String.join("; ", changed));
    }
}
