package org.reft4j.model.hub;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models fetched from a hub on this machine, through every fault that it can have. */
class ModelHubTest {
    private static final String NAME = "org/tiny";
    private static final String WEIGHTS = "model.safetensors";
    private static final int SIZE = 300_000;

    @TempDir
    private Path cache;

    private HubStub hub;

    @BeforeEach
    void start() throws IOException {
        hub = new HubStub();
        byte[] weights = new byte[SIZE];
        for (int i = 0; i < SIZE; i++) {
            weights[i] = (byte) (i * 31 + i / 256);
        }
        hub.files.put("config.json", "{\"architectures\": []}".getBytes(UTF_8));
        hub.files.put("tokenizer.json", "{}".getBytes(UTF_8));
        hub.files.put(WEIGHTS, weights);
        hub.files.put("README.md", "# tiny".getBytes(UTF_8));
        hub.files.put("pytorch_model.bin", "pickle".getBytes(UTF_8));
    }

    @AfterEach
    void stop() {
        hub.close();
    }

    private Path resolve(String name) {
        return resolve(name, false, Optional.of(HubStub.TOKEN));
    }

    private Path resolve(String name, boolean offline, Optional<String> token) {
        return new ModelHub(hub.settings(cache, offline, token)).resolve(name, HubProgress.NONE);
    }

    private HubException refused(String name, String... parts) {
        HubException failure = assertThrows(HubException.class, () -> resolve(name));
        for (String part : parts) {
            assertTrue(message(failure).contains(part), message(failure) + " does not say " + part);
        }
        assertFalse(message(failure).contains(HubStub.TOKEN), message(failure));
        return failure;
    }

    private static String message(Exception failure) {
        return String.valueOf(failure.getMessage());
    }

    private Path model() {
        return cache.resolve("models--org--tiny");
    }

    private Path part() {
        return model().resolve("blobs").resolve(HubStub.sha256(hub.file(WEIGHTS)) + ".incomplete");
    }

    private static Set<String> names(Path folder) throws IOException {
        Set<String> names = new HashSet<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(file -> names.add(file.getFileName().toString()));
            }
        }
        return names;
    }

    @Test
    void whatAModelNeedsLiesInTheSharedLayout() throws IOException {
        Path found = resolve(NAME);
        assertEquals(model().resolve("snapshots").resolve(HubStub.COMMIT), found);
        assertEquals(Set.of("config.json", "tokenizer.json", WEIGHTS), names(found));
        assertArrayEquals(hub.file(WEIGHTS), Files.readAllBytes(found.resolve(WEIGHTS)));
        assertEquals(HubStub.COMMIT, Files.readString(model().resolve("refs/main")));
        assertEquals(
                Set.of(
                        HubStub.sha256(hub.file(WEIGHTS)),
                        HubStub.gitSha1(hub.file("config.json")),
                        HubStub.gitSha1(hub.file("tokenizer.json"))),
                names(model().resolve("blobs")));
        assertEquals(
                Path.of("../../blobs", HubStub.sha256(hub.file(WEIGHTS))),
                Files.readSymbolicLink(found.resolve(WEIGHTS)));
    }

    @Test
    void whatIsInTheCacheIsNotAskedForAgain() {
        Path found = resolve(NAME);
        int before = hub.hubRequests.size();
        assertEquals(found, resolve(NAME));
        assertEquals(found, resolve(NAME + "@" + HubStub.COMMIT));
        assertEquals(found, resolve(NAME, true, Optional.empty()));
        assertEquals(before, hub.hubRequests.size());
    }

    @Test
    void theTokenGoesToTheHubAndToNoOtherHost() {
        hub.needsToken = true;
        resolve(NAME);
        assertTrue(hub.hubRequests.stream().allMatch(line -> line.endsWith(" Token")), hub.hubRequests.toString());
        assertEquals(List.of("GET /" + WEIGHTS), hub.storeRequests);
    }

    @Test
    void withoutTheTokenAccessIsRefusedInWords() {
        hub.needsToken = true;
        HubException failure = assertThrows(HubException.class, () -> resolve(NAME, false, Optional.empty()));
        for (String part : List.of("org/tiny", "401", "HF_TOKEN", "GatedRepo")) {
            assertTrue(message(failure).contains(part), message(failure));
        }
        assertEquals(1, hub.hubRequests.size(), "a refusal is not asked for again");
    }

    @Test
    void aDroppedConnectionIsGoneOnFromWhereItEnded() throws IOException {
        hub.drops.set(2);
        Path found = resolve(NAME);
        assertArrayEquals(hub.file(WEIGHTS), Files.readAllBytes(found.resolve(WEIGHTS)));
        assertEquals(3, hub.storeRequests.size(), hub.storeRequests.toString());
        assertEquals("GET /" + WEIGHTS, hub.storeRequests.getFirst());
        assertTrue(hub.storeRequests.get(1).contains(" Range:bytes="), hub.storeRequests.toString());
        assertTrue(hub.storeRequests.get(2).contains(" Range:bytes="), hub.storeRequests.toString());
    }

    @Test
    void anEarlierAttemptIsGoneOnFrom() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), Arrays.copyOf(hub.file(WEIGHTS), 1000));
        Path found = resolve(NAME);
        assertArrayEquals(hub.file(WEIGHTS), Files.readAllBytes(found.resolve(WEIGHTS)));
        assertEquals(List.of("GET /" + WEIGHTS + " Range:bytes=1000-"), hub.storeRequests);
        assertFalse(Files.exists(part()));
    }

    @Test
    void aDamagedEarlierAttemptIsBegunAnew() throws IOException {
        Files.createDirectories(part().getParent());
        Files.write(part(), new byte[1000]);
        Path found = resolve(NAME);
        assertArrayEquals(hub.file(WEIGHTS), Files.readAllBytes(found.resolve(WEIGHTS)));
        assertEquals(2, hub.storeRequests.size());
        assertEquals("GET /" + WEIGHTS, hub.storeRequests.getLast());
    }

    @Test
    void aServerThatIgnoresRangesGivesTheWholeFile() throws IOException {
        hub.ignoresRanges = true;
        Files.createDirectories(part().getParent());
        Files.write(part(), new byte[1000]);
        Path found = resolve(NAME);
        assertArrayEquals(hub.file(WEIGHTS), Files.readAllBytes(found.resolve(WEIGHTS)));
        assertEquals(1, hub.storeRequests.size());
    }

    @Test
    void aWrongChecksumIsNeverBelieved() throws IOException {
        hub.damaged = true;
        refused(NAME, WEIGHTS, "checksum", HubStub.sha256(hub.file(WEIGHTS)));
        assertFalse(Files.exists(part()));
        assertFalse(names(model().resolve("blobs")).contains(HubStub.sha256(hub.file(WEIGHTS))));
        assertFalse(names(model().resolve("snapshots").resolve(HubStub.COMMIT)).contains(WEIGHTS));
        assertEquals(Set.of(), names(model().resolve("refs")));
        hub.damaged = false;
        assertTrue(Files.exists(resolve(NAME).resolve(WEIGHTS)));
    }

    @Test
    void aFileWithoutAChecksumIsNotTaken() {
        hub.namesChecksums = false;
        refused(NAME, WEIGHTS, "without a checksum");
        assertEquals(List.of(), hub.storeRequests);
    }

    @Test
    void aBusyHubIsAskedAgainAndNotForEver() {
        hub.busy.set(2);
        resolve(NAME);
        hub.busy.set(Integer.MAX_VALUE);
        int before = hub.hubRequests.size();
        refused("org/other", "503", "try again");
        assertEquals(5, hub.hubRequests.size() - before);
    }

    @Test
    void whatTheHubHasNotIsNamed() {
        refused("org/other", "org/other", "404", "spelling");
        refused(NAME + "@v9", "no revision \"v9\"");
        refused(NAME + "/absent.gguf", "absent.gguf", "404");
    }

    @Test
    void offlineNothingIsAskedFor() {
        HubException failure = assertThrows(HubException.class, () -> resolve(NAME, true, Optional.empty()));
        assertTrue(message(failure).contains("HF_HUB_OFFLINE"), message(failure));
        assertEquals(List.of(), hub.hubRequests);
    }

    @Test
    void picklesAreNeverFetched() {
        hub.files.remove(WEIGHTS);
        refused(NAME, "pickle", "safetensors");
        assertTrue(hub.hubRequests.stream().noneMatch(line -> line.contains(".bin")), hub.hubRequests.toString());
    }

    @Test
    void shardsAreThoseOfTheIndexAndStayInTheFolder() throws IOException {
        byte[] weights = hub.files.remove(WEIGHTS);
        String index = "model.safetensors.index.json";
        hub.files.put("model-00001-of-00001.safetensors", weights);
        hub.files.put(index, "{\"weight_map\": {\"a\": \"model-00001-of-00001.safetensors\"}}".getBytes(UTF_8));
        assertTrue(names(resolve(NAME)).contains("model-00001-of-00001.safetensors"));
        hub.files.put(index, "{\"weight_map\": {\"a\": \"../evil.safetensors\"}}".getBytes(UTF_8));
        Path other = cache.resolve("other");
        HubException failure = assertThrows(
                HubException.class,
                () -> new ModelHub(hub.settings(other, false, Optional.empty())).resolve(NAME, HubProgress.NONE));
        assertTrue(message(failure).contains("evil"), message(failure));
    }

    @Test
    void oneGgufFileOfSeveralIsAskedForByItsName() {
        hub.files.remove(WEIGHTS);
        hub.files.put("a.gguf", new byte[10]);
        hub.files.put("b.gguf", new byte[11]);
        refused(NAME, "several GGUF files", "org/tiny/a.gguf");
        assertEquals("b.gguf", resolve(NAME + "/b.gguf").getFileName().toString());
    }

    @Test
    void aPathThatExistsIsNeverAName() throws IOException {
        Path folder = Files.createDirectories(cache.resolve("a/b"));
        assertEquals(folder, resolve(folder.toString()));
        assertEquals(Path.of("no/such/folder"), resolve("no/such/folder"));
        assertEquals(List.of(), hub.hubRequests);
    }

    @Test
    void progressEndsAtTheWhole() {
        long[] last = new long[2];
        new ModelHub(hub.settings(cache, false, Optional.empty())).resolve(NAME, (file, done, total) -> {
            if (file.equals(WEIGHTS)) {
                last[0] = done;
                last[1] = total;
            }
        });
        assertArrayEquals(new long[] {SIZE, SIZE}, last);
    }
}
