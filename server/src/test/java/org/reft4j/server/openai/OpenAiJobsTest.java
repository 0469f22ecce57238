package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.finetuning.jobs.FineTuningJob;
import com.openai.models.finetuning.jobs.JobCreateParams;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.TinyModel;

/** Jobs by OpenAI's own client for Java, which checks the form of every answer. */
class OpenAiJobsTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void createsWatchesAndReads() throws InterruptedException {
        ServerSettings settings = ServerSettings.DEFAULTS.withModels(
                Map.of("tiny", TinyModel.make(folder.resolve("tiny")).toString()));
        try (RunningServer server = RunningServer.start(folder.resolve("data"), settings)) {
            OpenAIClient client = OpenAIOkHttpClient.builder()
                    .baseUrl(server.address() + "/v1/")
                    .apiKey("any")
                    .responseValidation(true)
                    .maxRetries(0)
                    .build();
            String file = uploaded(client);
            FineTuningJob job = client.fineTuning()
                    .jobs()
                    .create(JobCreateParams.builder()
                            .model("tiny")
                            .trainingFile(file)
                            .seed(3)
                            .putAdditionalBodyProperty("reft4j", JsonValue.from(Map.of("epochs", 1)))
                            .build());
            assertEquals(FineTuningJob.Status.VALIDATING_FILES, job.status());
            assertTrue(job.error().isEmpty(), "a healthy job has no error");
            while (job.finishedAt().isEmpty()) {
                Thread.sleep(50);
                job = client.fineTuning().jobs().retrieve(job.id());
            }
            assertEquals(FineTuningJob.Status.SUCCEEDED, job.status(), String.valueOf(job.error()));
            assertEquals(3, job.seed());
            assertTrue(job.hyperparameters().nEpochs().isPresent());
            String id = job.id();
            assertEquals(id, client.fineTuning().jobs().list().data().getFirst().id());
            assertTrue(client.fineTuning().jobs().listEvents(id).autoPager().stream()
                            .count()
                    > 5);
            assertEquals(
                    id,
                    client.fineTuning()
                            .jobs()
                            .checkpoints()
                            .list(id)
                            .data()
                            .getFirst()
                            .fineTuningJobId());
            assertEquals(
                    job.fineTunedModel().orElseThrow(),
                    client.models().retrieve(job.fineTunedModel().orElseThrow()).id());
            assertThrows(
                    BadRequestException.class, () -> client.fineTuning().jobs().cancel(id));
            assertThrows(
                    NotFoundException.class, () -> client.fineTuning().jobs().retrieve("ftjob-none"));
        }
    }

    private static String uploaded(OpenAIClient client) {
        return client.files()
                .create(com.openai.models.files.FileCreateParams.builder()
                        .file(rows().getBytes(StandardCharsets.UTF_8))
                        .purpose(com.openai.models.files.FilePurpose.FINE_TUNE)
                        .build())
                .id();
    }

    private static String rows() {
        return IntStream.range(0, 10)
                .mapToObj(i -> "{\"messages\": [{\"role\": \"user\", \"content\": \"" + i
                        + "\"}, {\"role\": \"assistant\", \"content\": \"" + (i + 1) + "\"}]}\n")
                .collect(Collectors.joining());
    }
}
