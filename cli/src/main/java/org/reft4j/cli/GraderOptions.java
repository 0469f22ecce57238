package org.reft4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.reft4j.task.dataset.Cot;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.dataset.Question;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.graders.AnswerGrader;
import org.reft4j.task.graders.Graders;
import org.reft4j.task.graders.PluginPath;
import org.reft4j.train.config.ConfigFile;
import org.reft4j.train.job.Toolbox;
import org.reft4j.train.run.Results;
import org.reft4j.train.sample.FolderSampling;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Options of commands that grade: the grader and the place of plug-ins. */
final class GraderOptions {
    @Option(
            names = "--grader",
            paramLabel = "FILE",
            description =
                    "A grader's description, JSON or YAML, in the words of OpenAI's API. Default: the data's own, or else answers are"
                            + " compared as the paper does. Right is then a score at or above its pass_threshold (0.5 unless given).")
    private Optional<Path> grader = Optional.empty();

    @Mixin
    private Judging judging = new Judging();

    /** Options for graders' resources: models that judge, and plug-ins. */
    static final class Judging {
        @Option(
                names = "--models",
                paramLabel = "FILE",
                description =
                        "The models that judge, by the names that the grader uses, JSON or YAML: {name: {url: ..., model: ...,"
                                + " key-env: ...}} or {name: {path: ...}}.")
        private Optional<Path> models = Optional.empty();

        @Mixin
        private Plugins plugins = new Plugins();

        Toolbox toolbox(Cot cot) {
            return Toolbox.of(
                    cot, plugins.plugins(), models.map(ConfigFile::object).orElse(null));
        }

        /** The models that judge, by name; empty for none. */
        Optional<JsonNode> models() {
            return models.map(ConfigFile::object);
        }
    }

    /** Options for the place of graders written in Java. */
    static final class Plugins {
        @Option(
                names = "--classpath",
                paramLabel = "PATH",
                description = "Jars and folders of graders written in Java, separated as in CLASSPATH.",
                defaultValue = "")
        private String classpath = "";

        Toolbox.Plugins plugins() {
            return new Toolbox.Plugins(
                    PluginPath.of(classpath, Plugins.class.getClassLoader(), "--classpath"),
                    remark -> System.err.println("reft: " + remark));
        }
    }

    Toolbox toolbox(Cot cot) {
        return judging.toolbox(cot);
    }

    boolean given() {
        return grader.isPresent();
    }

    /** The description of the grader: the option's, or else the data's own; empty for the paper's comparison. */
    private Optional<JsonNode> described(Dataset data) {
        return grader.<JsonNode>map(ConfigFile::object).or(() -> Optional.ofNullable(data.grader()));
    }

    /** The description of the grading: the grader's and that of the models that judge; {@code "answer"} for the paper's comparison. */
    JsonNode description(Dataset data) {
        Optional<JsonNode> described = described(data);
        if (described.isEmpty()) {
            return JsonNodeFactory.instance.textNode("answer");
        }
        ObjectNode description = Results.object();
        description.set("grader", described.get());
        judging.models().ifPresent(models -> description.set("models", models));
        return description;
    }

    /** The grader that extracts answers if the chosen one does not: the dataset's own comparison. */
    Optional<Grader> reader(GraderTools tools, Dataset data) {
        return described(data).map(_ -> Graders.answers(tools));
    }

    /**
     * The grader that the options select.
     *
     * @param questions the questions of the data that it will be used on
     */
    Grader grader(GraderTools tools, Dataset data, List<Question> questions) {
        String place = grader.map(file -> file + ": grader").orElse("grader");
        Optional<JsonNode> described = described(data);
        if (described.isEmpty()) {
            AnswerGrader.require(questions);
        }
        return Graders.orAnswers(described.orElse(null), place, tools.with(new DataRows("data", questions)));
    }

    /**
     * The graders of samples: the selected one, with another that extracts answers if it does not.
     *
     * @param questions the questions of the data that are sampled
     */
    FolderSampling.Judgement judgement(GraderTools tools, Dataset data, List<Question> questions) {
        return new FolderSampling.Judgement(grader(tools, data, questions), reader(tools, data));
    }

    /** Reads a description and holds it against the first of the questions that it will be used on. */
    static Grader of(Path file, GraderTools tools, List<Question> questions) {
        return Graders.of(ConfigFile.object(file), file + ": grader", tools.with(new DataRows("data", questions)));
    }
}
