package org.reft4j.server.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.reft4j.ground.settings.SettingException;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.store.Job;
import org.reft4j.server.store.JobEvent.Draft;
import org.reft4j.server.store.LeasedJob;
import org.reft4j.server.store.StoredFile;
import org.reft4j.server.store.StoredFiles;
import org.reft4j.server.worker.JobFolder;
import org.reft4j.server.worker.Supervisor;
import org.reft4j.task.dataset.DataException;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.source.Datasets;
import org.reft4j.train.ConfigException;
import org.reft4j.train.config.ConfigFile;

/** The state {@code validating_files}: a job's files and settings are looked at before it is queued, so that it fails now rather than after a wait. */
public final class JobPreparation implements Supervisor.Check {
    private static final String TRAINING = "training_file";
    private static final String VALIDATION = "validation_file";

    private final Path data;
    private final StoredFiles files;
    private final NamedModels models;
    private final GraderForms forms;
    private final GraderRuns graders;
    private final long memory;

    /** @param memory bytes that a job may ever have on the machine that trains; 0 if that is another one */
    public JobPreparation(
            Path data, StoredFiles files, NamedModels models, GraderForms forms, GraderRuns graders, long memory) {
        this.data = data;
        this.files = files;
        this.models = models;
        this.forms = forms;
        this.graders = graders;
        this.memory = memory;
    }

    /**
     * A job that may be queued.
     *
     * @param bytes of memory that it will take
     */
    private record Prepared(JobTranslation translation, long bytes) {}

    @Override
    public void check(Job job, LeasedJob mine) {
        try {
            Prepared prepared = prepared(job);
            JobTranslation translation = prepared.translation();
            List<Draft> events = new ArrayList<>();
            translation.remarks().forEach(remark -> events.add(Draft.info(remark)));
            events.add(Draft.info("Files validated, moving job to queued state"));
            mine.checked(translation.hyperparameters(), translation.settings(), prepared.bytes(), events);
        } catch (ApiError e) {
            String code = e.code();
            mine.failed(new Job.Failure(code == null ? "invalid_request" : code, words(e), e.param()));
        } catch (SettingException e) {
            mine.failed(new Job.Failure("invalid_settings", words(e), null));
        } catch (DataException e) {
            mine.failed(new Job.Failure("invalid_training_file", words(e), TRAINING));
        } catch (IOException e) {
            mine.failed(new Job.Failure("invalid_training_file", "the files cannot be read: " + words(e), TRAINING));
        }
    }

    private static String words(Exception e) {
        return String.valueOf(e.getMessage());
    }

    private Prepared prepared(Job job) throws IOException {
        Order order = new Order(job.project(), job.model(), job.seed(), JobRequest.of(job.body()));
        return prepared(order, new JobFolder(data, job.id()));
    }

    /**
     * The same for a job that is not there, and need not be.
     *
     * @param folder of it, to be deleted by the caller
     * @throws ApiError where the job would be refused
     */
    JobTranslation planned(String project, JobRequest request, JobFolder folder) throws IOException {
        return prepared(new Order(project, request.model(), request.seed().orElse(1), request), folder)
                .translation();
    }

    private record Order(String project, String model, long seed, JobRequest request) {}

    private Prepared prepared(Order order, JobFolder folder) throws IOException {
        JobRequest request = order.request();
        TrainingMethod method = TrainingMethod.valueOf(request.method().toUpperCase(Locale.ROOT));
        Path training = take(
                order.project(),
                request.trainingFile(),
                method,
                TrainingFileCheck.Part.TRAINING,
                folder,
                folder.trainingData());
        Optional<Path> validation = Optional.empty();
        String other = request.validationFile();
        if (other != null) {
            validation = Optional.of(take(
                    order.project(),
                    other,
                    method,
                    TrainingFileCheck.Part.VALIDATION,
                    folder,
                    folder.validationData()));
            if (method == TrainingMethod.REINFORCEMENT) {
                TrainingFileCheck.overlap(training, validation.get()).ifPresent(fault -> {
                    throw refusal(VALIDATION, other, List.of(fault));
                });
            }
        }
        Path model = models.folder(order.project(), order.model())
                .orElseThrow(() -> models.missing(order.project(), order.model()));
        JobFacts facts = JobFacts.of(training, validation, model);
        JsonNode grader = method == TrainingMethod.REINFORCEMENT
                ? forms.ready(request.grader(), "method.reinforcement.grader")
                : request.grader();
        JobTranslation translation = JobTranslation.of(request, order.seed(), facts, grader, forms.judges(grader));
        ConfigFile.Resolved settings = RunDocuments.check(translation);
        if (method == TrainingMethod.REINFORCEMENT) {
            Dataset dataset = Datasets.open(settings.config().data());
            graders.check(
                    grader,
                    "method.reinforcement.grader",
                    new DataRows("training file", dataset.train()),
                    new DataRows("validation file", dataset.validation()));
        }
        try {
            return new Prepared(translation, PlannedMemory.bytes(settings.config(), memory));
        } catch (ConfigException e) {
            throw new ApiError(400, "invalid_request_error", "model", "not_enough_memory", words(e));
        }
    }

    /** Checks a file and keeps it as the job's. */
    private Path take(
            String project, String id, TrainingMethod method, TrainingFileCheck.Part part, JobFolder folder, Path as)
            throws IOException {
        String param = part == TrainingFileCheck.Part.TRAINING ? TRAINING : VALIDATION;
        StoredFile file = files.find(project, id)
                .orElseThrow(() -> new ApiError(
                        400,
                        "invalid_request_error",
                        param,
                        "invalid_" + param,
                        "The file " + id + " was deleted before the job had read it; upload it again."));
        TrainingFileCheck.Result result = TrainingFileCheck.check(files.path(file), method, part);
        if (!result.faults().isEmpty()) {
            throw refusal(param, id, result.faults());
        }
        folder.takeData(files.path(file), as);
        return as;
    }

    private static ApiError refusal(String param, String id, List<TrainingFileCheck.Fault> faults) {
        return new ApiError(
                400,
                "invalid_request_error",
                param,
                "invalid_" + param,
                "The file " + id + " failed validation: "
                        + faults.stream().map(TrainingFileCheck.Fault::toString).collect(Collectors.joining("; "))
                        + ".");
    }
}
