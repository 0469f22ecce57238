package org.reft4j.train.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.reft4j.model.ClassifierConfig;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.task.dataset.ReftTemplate;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.tensor.Torch;
import org.reft4j.train.ConfigException;
import org.reft4j.train.measure.LocalJudge;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.rollout.RewardLabels;
import org.reft4j.train.run.Results;
import org.reft4j.train.run.RunReader;
import org.reft4j.train.settings.ModelSources;

/** The models that judge: those of services, and those that this process loads ({@code path} instead of {@code url}). */
final class Judges implements AutoCloseable {
    private static final String PATH = "path";
    private static final String AUTO = "auto";

    private final List<LoadedModel> loaded = new ArrayList<>();
    private final List<RewardModel> rewards = new ArrayList<>();
    private ModelMap map = ModelMap.NONE;

    private Judges() {}

    /** @param models entries by name; {@code null} for none */
    static Judges open(@Nullable JsonNode models) {
        Judges judges = new Judges();
        if (models == null) {
            return judges;
        }
        try {
            ObjectNode services = Results.object();
            for (Map.Entry<String, JsonNode> entry : models.properties()) {
                if (!entry.getValue().has(PATH)) {
                    services.set(entry.getKey(), entry.getValue());
                }
            }
            judges.map = ModelMap.of(services, "models", System::getenv);
            for (Map.Entry<String, JsonNode> entry : models.properties()) {
                if (entry.getValue().has(PATH)) {
                    judges.load(entry.getKey(), entry.getValue());
                }
            }
            return judges;
        } catch (RuntimeException e) {
            judges.close();
            throw e;
        }
    }

    private void load(String name, JsonNode entry) {
        ConfigException.check(
                entry.size() == 1 && entry.path(PATH).isTextual(),
                "models." + name,
                entry,
                "a path to a model and nothing else, or a url");
        Path path = Path.of(entry.path(PATH).asText());
        Path located = RunReader.model(ModelHub.locate(path.toString(), HubProgress.NONE));
        if (Files.isDirectory(located) && !AdapterFolder.is(located)) {
            ModelConfig config = ModelFolder.open(located).config();
            if (ClassifierConfig.is(config)) {
                loadReward(name, located);
                return;
            }
        }
        LoadedModel model = LoadedModel.open(path, AUTO, AUTO, HubProgress.NONE);
        loaded.add(model);
        map = map.with(name, new LocalJudge(model.decoder(), model.tokenizer()));
    }

    private void loadReward(String name, Path path) {
        Torch.start();
        ModelSizes sizes = SequenceClassifier.sizes(ModelFolder.open(path).config());
        RewardModel model = RewardModel.open(path, ModelSources.place(AUTO, AUTO, sizes));
        rewards.add(model);
        ConfigException.check(
                model.kind().labels() == RewardLabels.PROCESS,
                "models." + name + ".path",
                path + " (an outcome reward model)",
                "one that was trained with labels: process, which judges steps");
        map = map.withSteps(name, model.stepModel(new ReftTemplate(model.kind().cot())));
    }

    ModelMap map() {
        return map;
    }

    @Override
    public void close() {
        loaded.forEach(LoadedModel::close);
        rewards.forEach(RewardModel::close);
    }
}
