package org.reft4j.model.hub;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of models, and what the environment says about the hub. */
class HubNameTest {
    @Test
    void namesHaveARevisionAndPerhapsAFile() {
        assertEquals(new HubName("org/name", "main", ""), HubName.of("org/name").orElseThrow());
        assertEquals(
                new HubName("org/name", "v1.0", ""), HubName.of("org/name@v1.0").orElseThrow());
        assertEquals(
                new HubName("Org-1/Na.me_2", "refs/pr/3", ""),
                HubName.of("Org-1/Na.me_2@refs/pr/3").orElseThrow());
        assertEquals(
                new HubName("org/name", "main", "sub/x.Q4_0.gguf"),
                HubName.of("org/name/sub/x.Q4_0.gguf").orElseThrow());
        assertEquals(
                "org/name/x.gguf@v1",
                HubName.of("org/name/x.gguf@v1").orElseThrow().toString());
    }

    @Test
    void pathsAreNoNames() {
        for (String text : List.of(
                "name",
                "/org/name",
                "./org/name",
                "../name",
                "org/../name",
                "org/name/",
                "a/b/c",
                "~/b",
                "a/b@",
                "a/b@../c",
                "a/b@.hidden",
                "a b/c",
                "a\\b",
                "",
                "a/b?x=1",
                "a/.hidden",
                "runs/warmup")) {
            assertEquals(Optional.empty(), HubName.of(text), text);
        }
    }

    @Test
    void theEnvironmentIsReadAsOtherToolsReadIt(@TempDir Path home) throws IOException {
        HubSettings plain = HubSettings.of(Map.of(), home);
        assertEquals(home.resolve(".cache/huggingface/hub"), plain.cache());
        assertEquals(URI.create("https://huggingface.co"), plain.endpoint());
        assertEquals(Optional.empty(), plain.token());
        assertFalse(plain.offline());
        Files.createDirectories(home.resolve("hf"));
        Files.writeString(home.resolve("hf/token"), "hf_file\n");
        HubSettings set = HubSettings.of(
                Map.of("HF_HOME", "~/hf", "HF_HUB_OFFLINE", "1", "HF_ENDPOINT", "http://mirror:8080/"), home);
        assertEquals(home.resolve("hf/hub"), set.cache());
        assertEquals(URI.create("http://mirror:8080"), set.endpoint());
        assertEquals(Optional.of("hf_file"), set.token());
        assertTrue(set.offline());
        assertFalse(set.toString().contains("hf_file"));
        assertEquals(
                Optional.of("hf_variable"),
                HubSettings.of(Map.of("HF_HOME", "~/hf", "HF_TOKEN", "hf_variable"), home)
                        .token());
        assertEquals(
                Path.of("/elsewhere"),
                HubSettings.of(Map.of("HF_HUB_CACHE", "/elsewhere"), home).cache());
        for (Map<String, String> wrong :
                List.of(Map.of("HF_ENDPOINT", "huggingface.co"), Map.of("HF_TOKEN", "two words"))) {
            HubException failure = assertThrows(HubException.class, () -> HubSettings.of(wrong, home));
            assertTrue(message(failure).startsWith(wrong.keySet().iterator().next()), message(failure));
            assertFalse(message(failure).contains("two words"), message(failure));
        }
    }

    private static String message(Exception failure) {
        return String.valueOf(failure.getMessage());
    }
}
