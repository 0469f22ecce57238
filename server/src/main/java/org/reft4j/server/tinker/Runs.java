package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.files.DurableFiles;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.server.http.Call;
import org.reft4j.server.tinker.Run.Address;
import org.reft4j.server.tinker.Run.Saved;

/** The training runs of all projects and their checkpoints, in a folder: {@code RUN/weights/NAME}. */
final class Runs {
    private static final String RUN = "run.json";
    private static final String SAVED = "saved.json";

    private final Path folder;

    Runs(Path folder) {
        this.folder = folder;
    }

    /** A run's folder by its id, which has colons. */
    private static String directory(String id) {
        return id.replace(':', '.');
    }

    void add(Run run) {
        write(folder.resolve(directory(run.id())), RUN, run);
    }

    /** @throws ApiError 404 if there is none, or it belongs to somebody else */
    Run find(Call call, String id) {
        Address checked = new Address(id, Address.TRAINING, "any");
        return read(folder.resolve(directory(checked.run())).resolve(RUN), Run.class)
                .filter(run -> run.project().equals(call.caller().project()))
                .orElseThrow(() -> ApiError.missing(
                        "model_id",
                        "model_not_found",
                        "There is no training run " + id + " in this project; create_model makes one."));
    }

    /** The caller's runs, newest first. */
    List<Run> list(Call call) {
        List<Run> runs = new ArrayList<>();
        for (Path each : children(folder)) {
            read(each.resolve(RUN), Run.class)
                    .filter(run -> run.project().equals(call.caller().project()))
                    .ifPresent(runs::add);
        }
        runs.sort(
                Comparator.comparingLong(Run::createdMs).thenComparing(Run::id).reversed());
        return runs;
    }

    /** The folder of a checkpoint, there or not. */
    Path folder(Address address) {
        return folder.resolve(directory(address.run())).resolve(address.kind()).resolve(address.name());
    }

    boolean has(Address address) {
        return Files.exists(folder(address).resolve(SAVED));
    }

    /** Makes a checkpoint known whose folder is complete. */
    Saved save(Address address, long ttlSeconds, @Nullable JsonNode metadata) {
        long now = System.currentTimeMillis();
        long expires = ttlSeconds == 0 ? 0 : now + ttlSeconds * 1000;
        Saved saved = new Saved(
                address.run(), address.kind(), address.name(), now, expires, bytes(folder(address)), metadata);
        write(folder(address), SAVED, saved);
        return saved;
    }

    private static long bytes(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @throws ApiError 404 if there is none, or it belongs to somebody else */
    Saved saved(Call call, Address address) {
        Run _ = find(call, address.run());
        return read(folder(address).resolve(SAVED), Saved.class)
                .orElseThrow(() ->
                        ApiError.missing("path", "checkpoint_not_found", "There is no checkpoint " + address + "."));
    }

    /** Those of a run, oldest first. */
    List<Saved> saved(Run run) {
        List<Saved> all = new ArrayList<>();
        for (String kind : List.of(Address.TRAINING, Address.SAMPLER)) {
            for (Path each : children(folder.resolve(directory(run.id())).resolve(kind))) {
                read(each.resolve(SAVED), Saved.class).ifPresent(all::add);
            }
        }
        all.sort(Comparator.comparingLong(Saved::createdMs).thenComparing(Saved::name));
        return all;
    }

    void delete(Address address) {
        try {
            // First what makes it known, so that nobody finds a half of it.
            Files.deleteIfExists(folder(address).resolve(SAVED));
            if (Files.exists(folder(address))) {
                DurableFiles.deleteTree(folder(address));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives a checkpoint another time to live; 0 for ever. */
    void keep(Saved saved, long ttlSeconds) {
        long expires = ttlSeconds == 0 ? 0 : System.currentTimeMillis() + ttlSeconds * 1000;
        write(
                folder(saved.address()),
                SAVED,
                new Saved(
                        saved.run(),
                        saved.kind(),
                        saved.name(),
                        saved.createdMs(),
                        expires,
                        saved.bytes(),
                        saved.metadata()));
    }

    /** Deletes what has lived its time. */
    void sweep() {
        long now = System.currentTimeMillis();
        for (Path each : children(folder)) {
            read(each.resolve(RUN), Run.class)
                    .ifPresent(run -> saved(run).stream()
                            .filter(saved -> saved.expiresMs() > 0 && saved.expiresMs() <= now)
                            .forEach(saved -> delete(saved.address())));
        }
    }

    private static List<Path> children(Path of) {
        if (!Files.isDirectory(of)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(of)) {
            return all.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path folder, String name, Object value) {
        try {
            Files.createDirectories(folder);
            DurableFiles.write(folder.resolve(name), Json.PLAIN.writeValueAsBytes(value));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static <T> Optional<T> read(Path file, Class<T> type) {
        try {
            return Optional.of(Json.PLAIN.readValue(Files.readAllBytes(file), type));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
