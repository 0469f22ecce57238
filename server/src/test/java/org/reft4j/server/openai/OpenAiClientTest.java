package org.reft4j.server.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.HttpResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileListParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import com.openai.models.uploads.Upload;
import com.openai.models.uploads.UploadCompleteParams;
import com.openai.models.uploads.UploadCreateParams;
import com.openai.models.uploads.parts.PartCreateParams;
import com.openai.models.uploads.parts.UploadPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.server.RunningServer;
import org.reft4j.server.ServerSettings;

/** OpenAI's own client for Java, unchanged but for its base URL, with its check of every answer. */
class OpenAiClientTest {
    @TempDir
    private Path data = Path.of("");

    private static OpenAIClient client(RunningServer server) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.address() + "/v1/")
                .apiKey("any")
                .responseValidation(true)
                .maxRetries(0)
                .build();
    }

    @Test
    void uploadsListsReadsAndDeletesFiles() throws IOException {
        byte[] rows = "{\"messages\":[]}\n".getBytes(StandardCharsets.UTF_8);
        Path file = Files.write(data.resolve("rows.jsonl"), rows);
        try (RunningServer server = RunningServer.start(data.resolve("server"))) {
            OpenAIClient client = client(server);
            FileObject fromPath = client.files()
                    .create(FileCreateParams.builder()
                            .file(file)
                            .purpose(FilePurpose.FINE_TUNE)
                            .expiresAfter(FileCreateParams.ExpiresAfter.builder()
                                    .seconds(7200)
                                    .build())
                            .build());
            assertEquals("rows.jsonl", fromPath.filename());
            assertEquals(fromPath.createdAt() + 7200, fromPath.expiresAt().orElseThrow());
            FileObject fromBytes = client.files()
                    .create(FileCreateParams.builder()
                            .file(rows)
                            .purpose(FilePurpose.USER_DATA)
                            .build());
            assertEquals(rows.length, fromBytes.bytes());
            assertEquals(
                    2,
                    client.files().list(FileListParams.builder().limit(1).build()).autoPager().stream()
                            .count());
            assertEquals(fromPath, client.files().retrieve(fromPath.id()));
            try (HttpResponse content = client.files().content(fromPath.id())) {
                assertArrayEquals(rows, content.body().readAllBytes());
            }
            assertTrue(client.files().delete(fromPath.id()).deleted());
            NotFoundException gone =
                    assertThrows(NotFoundException.class, () -> client.files().retrieve(fromPath.id()));
            assertEquals("id", gone.param().orElseThrow());
            assertTrue(String.valueOf(gone.getMessage()).contains("No such File object: " + fromPath.id()));
            assertThrows(
                    BadRequestException.class,
                    () -> client.files()
                            .create(FileCreateParams.builder()
                                    .file(rows)
                                    .purpose(FilePurpose.of("x"))
                                    .build()));
        }
    }

    @Test
    void uploadsInParts() {
        byte[] rows = "{\"messages\":[]}\n".getBytes(StandardCharsets.UTF_8);
        try (RunningServer server = RunningServer.start(data)) {
            OpenAIClient client = client(server);
            Upload upload = client.uploads()
                    .create(UploadCreateParams.builder()
                            .filename("rows.jsonl")
                            .purpose(FilePurpose.FINE_TUNE)
                            .bytes(2L * rows.length)
                            .mimeType("text/jsonl")
                            .build());
            List<String> parts = List.of(part(client, upload, rows), part(client, upload, rows));
            Upload done = client.uploads()
                    .complete(
                            upload.id(),
                            UploadCompleteParams.builder().partIds(parts).build());
            assertEquals(Upload.Status.COMPLETED, done.status());
            assertEquals(2L * rows.length, done.file().orElseThrow().bytes());
        }
    }

    private static String part(OpenAIClient client, Upload upload, byte[] bytes) {
        UploadPart part = client.uploads()
                .parts()
                .create(upload.id(), PartCreateParams.builder().data(bytes).build());
        return part.id();
    }

    @Test
    void listsModels() {
        ServerSettings settings = RunningServer.settings(
                "127.0.0.1", Map.of("Qwen/Qwen3-0.6B", "x", "o4-mini", "y"), ServerSettings.DEFAULTS.limits());
        try (RunningServer server = RunningServer.start(data, settings)) {
            OpenAIClient client = client(server);
            assertEquals(2, client.models().list().autoPager().stream().count());
            assertEquals(
                    "Qwen/Qwen3-0.6B",
                    client.models().retrieve("Qwen/Qwen3-0.6B").id());
            NotFoundException missing =
                    assertThrows(NotFoundException.class, () -> client.models().retrieve("ft:o4-mini:a::b"));
            assertEquals("model_not_found", missing.code().orElseThrow());
        }
    }
}
