package org.reft4j.server.openai;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.model.hub.HubProgress;
import org.reft4j.model.hub.ModelHub;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.store.JobModel;
import org.reft4j.server.store.JobModels;
import org.reft4j.train.run.RunReader;

/** The models that callers can name: bases of the settings, and what jobs made of them. */
public final class NamedModels implements ModelNames {
    private final Path data;
    private final Map<String, String> bases;
    private final JobModels models;

    /**
     * @param data the service's data folder
     * @param bases places of base models by the name that clients use
     */
    public NamedModels(Path data, Map<String, String> bases, JobModels models) {
        this.data = data.toAbsolutePath().normalize();
        this.bases = Map.copyOf(bases);
        this.models = models;
    }

    @Override
    public List<TunedModel> list(String project) {
        return models.list(project).stream().map(NamedModels::tuned).toList();
    }

    @Override
    public Optional<TunedModel> find(String project, String name) {
        return models.find(project, name).map(NamedModels::tuned);
    }

    private static TunedModel tuned(JobModel model) {
        return new TunedModel(model.name(), model.createdMs());
    }

    @Override
    public boolean delete(String project, String name) {
        Optional<JobModel> model = models.find(project, name);
        if (model.isEmpty() || !models.delete(project, name)) {
            return false;
        }
        try {
            DurableFiles.deleteTree(data.resolve(model.get().folder()));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the files of " + name, e);
        }
        return true;
    }

    /**
     * The place of a model, as far as it is known without fetching it.
     *
     * @return a folder, a run or a name on the hub; empty for an unknown model
     */
    public Optional<String> place(String project, String name) {
        String base = bases.get(name);
        return base != null
                ? Optional.of(base)
                : models.find(project, name)
                        .map(model -> data.resolve(model.folder()).toString());
    }

    /** The refusal of an unknown model. */
    ApiError missing(String project, String name) {
        return ModelRoutes.missing(name, bases, list(project));
    }

    /** The folder of a model; fetches it from the hub if it is not on this machine. */
    Optional<Path> folder(String project, String name) {
        return place(project, name).map(place -> RunReader.model(ModelHub.locate(place, HubProgress.NONE)));
    }
}
