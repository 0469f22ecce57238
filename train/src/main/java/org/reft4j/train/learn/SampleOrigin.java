package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.reft4j.model.StoredModel;
import org.reft4j.task.dataset.Cot;
import org.reft4j.train.ConfigException;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.sample.Fingerprint;
import org.reft4j.train.sample.SampleReader;
import org.reft4j.train.sample.SampleSettings;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.settings.SamplesConfig;
import org.reft4j.train.settings.StoredSamplesConfig;

/** Holds where stored samples come from against the run that is to learn from them. */
public final class SampleOrigin {
    /** The setting by which samples of other origin are accepted. */
    public static final String ACCEPTED = "samples.mismatch=accept";

    private static final String NO_CONTROL = "none";

    private static final String ANSWER = "answer";

    private SampleOrigin() {}

    /**
     * Refuses samples of another model or grader, unless they are accepted, and of another kind of chain of thought in any case. A file of
     * pairs does not say who wrote it.
     *
     * @param model that training begins from
     * @throws ConfigException that names the difference
     */
    static void require(StoredSamplesConfig config, StoredModel model) {
        Path path = Path.of(config.samples().path());
        switch (SampleSource.Kind.of(path)) {
            case SAMPLES -> requireSamples(config, path, model);
            case RUN -> requireRun(config, path, model);
            case PAIRS -> {}
        }
    }

    private static void requireSamples(StoredSamplesConfig config, Path path, StoredModel model) {
        SampleSettings settings = SampleReader.settings(path).orElseThrow();
        requireCot(config.data().cot(), path, settings.data().kind());
        if (config.samples().mismatch() == SamplesConfig.Mismatch.ACCEPT) {
            return;
        }
        String print = Fingerprint.of(model);
        if (!settings.model().fingerprint().equals(print)) {
            throw otherModel(
                    path,
                    settings.model().path() + " (" + settings.model().fingerprint() + ")",
                    config.model().path() + " is " + print);
        }
        JsonNode judged = settings.grader();
        requireGrader(config, path, judged.isObject() ? judged.path("grader") : judged);
    }

    private static void requireRun(StoredSamplesConfig config, Path path, StoredModel model) {
        Map<String, String> settings = RunReader.of(path).settings();
        requireCot(config.data().cot(), path);
        if (config.samples().mismatch() == SamplesConfig.Mismatch.ACCEPT) {
            return;
        }
        String began = settings.getOrDefault("model.path", "a new model");
        Path trained = model.adapter().isPresent()
                ? model.adapter().get().folder()
                : model.base().path();
        boolean ofTheRun = trained.toAbsolutePath()
                .normalize()
                .startsWith(path.toAbsolutePath().normalize());
        if (!ofTheRun && !began.equals(config.model().path()) && !sameFiles(began, model)) {
            throw otherModel(
                    path, "a run that began with " + began, config.model().path() + " is another model");
        }
        if (!control(path).equals(NO_CONTROL)) {
            throw ConfigException.unless(ACCEPTED, untrue(path) + "; expected samples with true grades, or ");
        }
        requireGrader(config, path, RunReader.of(path).grader().orElse(JsonNodeFactory.instance.textNode(ANSWER)));
    }

    /** Refuses the rollouts of a control run, whose grades mean nothing. */
    public static void requireTrueGrades(Path run) {
        if (!control(run).equals(NO_CONTROL)) {
            throw new ConfigException(untrue(run) + "; expected samples with true grades");
        }
    }

    private static String untrue(Path run) {
        return "samples.path is " + run + ", a run that was paid by control: " + control(run);
    }

    private static String control(Path run) {
        return RunReader.of(run).settings().getOrDefault("control", NO_CONTROL);
    }

    /** Refuses the rollouts of a run that reasons in another way. */
    public static void requireCot(Cot cot, Path run) {
        boolean program =
                RunReader.of(run).settings().getOrDefault("data.cot", "program").equals("program");
        requireCot(cot, run, program ? Cot.PROGRAM : Cot.PROSE);
    }

    private static boolean sameFiles(String began, StoredModel model) {
        return Files.exists(Path.of(began))
                && Fingerprint.of(StoredModel.open(Path.of(began))).equals(Fingerprint.of(model));
    }

    private static void requireCot(Cot here, Path path, Cot cot) {
        ConfigException.check(
                here == cot,
                "data.cot",
                here.name().toLowerCase(Locale.ROOT),
                cot.name().toLowerCase(Locale.ROOT) + ", which the samples of " + path + " are");
    }

    private static void requireGrader(StoredSamplesConfig config, Path path, JsonNode judged) {
        JsonNode here = Optional.ofNullable(config.grader()).orElse(JsonNodeFactory.instance.textNode(ANSWER));
        if (!here.toString().equals(judged.toString())) {
            throw ConfigException.unless(
                    ACCEPTED,
                    "samples.path is " + path + ", whose samples were graded by " + judged + ", and grader is " + here
                            + " here; give the same grader, or accept their grades with ");
        }
    }

    private static ConfigException otherModel(Path path, String there, String here) {
        return ConfigException.unless(
                ACCEPTED,
                "samples.path is " + path + ", which holds samples of another model: they were made by " + there
                        + ", and model.path " + here + "; sample again with this model, or accept them with ");
    }
}
