package org.reft4j.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.reft4j.ground.files.Json;

/**
 * Finds models by path or by name. A path that exists is what it names. A name, {@code org/name[@revision]} or
 * {@code org/name/file.gguf[@revision]}, is looked up in the cache and fetched where it is not whole there: configuration, tokenizer
 * and safetensors, never Python's pickle format. What is in the cache is used without asking the network, so that a run that is
 * resumed finds the weights that it began with.
 */
public final class ModelHub {
    private static final String CONFIG = "config.json";
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    private static final String ADAPTER = "adapter_config.json";

    /** Files of a model besides its weights, where the repository has them. */
    private static final List<String> COMPANIONS = List.of(
            CONFIG,
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "chat_template.jinja",
            ADAPTER,
            "adapter_model.safetensors");

    private final HubSettings settings;

    public ModelHub(HubSettings settings) {
        this.settings = settings;
    }

    /** Tells a model's name on the hub from the path of something that exists. */
    public static boolean isName(String model) {
        return !exists(model) && HubName.of(model).isPresent();
    }

    /** As {@link #resolve(String, HubProgress)}, with the settings of this process. */
    public static Path locate(String model, HubProgress progress) {
        return isName(model) ? new ModelHub(HubSettings.current()).resolve(model, progress) : Path.of(model);
    }

    /** The path of a model that is on this machine: a file or folder, or a name whose files are in the cache. Nobody is asked. */
    public static Optional<Path> present(String model) {
        if (exists(model)) {
            return Optional.of(Path.of(model));
        }
        HubSettings now = HubSettings.current();
        HubSettings alone = new HubSettings(now.cache(), now.endpoint(), now.token(), true, now.pause());
        try {
            return HubName.of(model).map(name -> new ModelHub(alone).find(name, HubProgress.NONE));
        } catch (HubException e) {
            return Optional.empty();
        }
    }

    /**
     * The path of a model, fetched first if need be. A text that is neither an existing path nor a name is given back as a path, for
     * whoever opens it to complain about.
     *
     * @throws HubException if the model has to be fetched and cannot be
     */
    public Path resolve(String model, HubProgress progress) {
        Optional<HubName> name = exists(model) ? Optional.empty() : HubName.of(model);
        return name.isPresent() ? find(name.get(), progress) : Path.of(model);
    }

    private static boolean exists(String model) {
        try {
            return Files.exists(Path.of(model));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private Path find(HubName name, HubProgress progress) {
        HubCache cache = new HubCache(settings.cache(), name.repository());
        Optional<String> commit = cache.commit(name.revision());
        if (commit.isPresent() && isWhole(cache, commit.get(), name)) {
            return path(cache, commit.get(), name);
        }
        boolean usable = commit.isPresent() && isUsable(cache, commit.get(), name);
        if (settings.offline()) {
            if (usable) {
                return path(cache, commit.orElseThrow(), name);
            }
            throw new HubException(name + ": not, or not whole, in the cache " + settings.cache()
                    + ", and HF_HUB_OFFLINE forbids to fetch it. Unset HF_HUB_OFFLINE once, or name a model folder on"
                    + " this machine (no file or folder of this name exists)");
        }
        try {
            return path(cache, fetch(cache, name, progress), name);
        } catch (HubException e) {
            // Without a network, a model that another tool left without optional files is better than none.
            if (usable && e.getCause() instanceof IOException) {
                return path(cache, commit.orElseThrow(), name);
            }
            throw e;
        }
    }

    private static Path path(HubCache cache, String commit, HubName name) {
        Path snapshot = cache.snapshot(commit);
        return name.file().isEmpty() ? snapshot : snapshot.resolve(name.file());
    }

    /** True if everything that the repository has is here. */
    private static boolean isWhole(HubCache cache, String commit, HubName name) {
        return isUsable(cache, commit, name)
                && (!name.file().isEmpty()
                        || COMPANIONS.stream().allMatch(companion -> cache.isSettled(commit, companion)));
    }

    /** True if the indispensable parts of a model are here. */
    private static boolean isUsable(HubCache cache, String commit, HubName name) {
        if (!name.file().isEmpty()) {
            return cache.has(commit, name.file());
        }
        if (cache.has(commit, ADAPTER)) {
            return cache.has(commit, "adapter_model.safetensors");
        }
        if (cache.has(commit, SINGLE)) {
            return cache.has(commit, CONFIG);
        }
        if (cache.has(commit, INDEX)) {
            return cache.has(commit, CONFIG)
                    && shards(cache.snapshot(commit).resolve(INDEX), name).stream()
                            .allMatch(shard -> cache.has(commit, shard));
        }
        return hasGguf(cache.snapshot(commit));
    }

    private static boolean hasGguf(Path snapshot) {
        if (!Files.isDirectory(snapshot)) {
            return false;
        }
        try (Stream<Path> files = Files.list(snapshot)) {
            return files.filter(file -> isGguf(String.valueOf(file.getFileName())))
                            .count()
                    == 1;
        } catch (IOException e) {
            throw new HubException(snapshot + ": cannot be listed (" + e.getMessage() + "). Check permissions", e);
        }
    }

    /** Fetches what is missing, and returns the commit. */
    private String fetch(HubCache cache, HubName name, HubProgress progress) {
        try (HubClient client = new HubClient(settings)) {
            HubDownload download = new HubDownload(settings, client, cache, name, progress);
            JsonNode described = download.again("its list of files", () -> client.model(name));
            String commit = described.path("sha").asText();
            if (!HubName.isCommit(commit)) {
                throw new HubException(name + ": the hub names the commit \"" + commit
                        + "\"; expected 40 hexadecimal digits. Is HF_ENDPOINT the address of a hub?");
            }
            Set<String> files = new LinkedHashSet<>();
            described
                    .path("siblings")
                    .forEach(file -> files.add(file.path("rfilename").asText()));
            if (!name.file().isEmpty()) {
                fetchMissing(download, cache, commit, List.of(name.file()));
            } else {
                fetchMissing(
                        download,
                        cache,
                        commit,
                        COMPANIONS.stream().filter(files::contains).toList());
                fetchWeights(download, cache, commit, name, files);
                COMPANIONS.stream()
                        .filter(companion -> !files.contains(companion))
                        .forEach(companion -> cache.noteAbsent(commit, companion));
            }
            // Last, so that a branch never points to less than was asked for.
            cache.noteCommit(name.revision(), commit);
            return commit;
        }
    }

    private static void fetchMissing(HubDownload download, HubCache cache, String commit, List<String> files) {
        for (String file : files) {
            if (!cache.has(commit, file)) {
                download.fetch(commit, file);
            }
        }
    }

    private static void fetchWeights(
            HubDownload download, HubCache cache, String commit, HubName name, Set<String> files) {
        List<String> ggufs = files.stream().filter(ModelHub::isGguf).toList();
        if (files.contains(SINGLE)) {
            fetchMissing(download, cache, commit, List.of(SINGLE));
        } else if (files.contains(INDEX)) {
            fetchMissing(download, cache, commit, List.of(INDEX));
            fetchMissing(
                    download,
                    cache,
                    commit,
                    List.copyOf(shards(cache.snapshot(commit).resolve(INDEX), name)));
        } else if (files.contains(ADAPTER)) {
            return;
        } else if (ggufs.size() == 1) {
            HubName file = HubName.of(name.repository() + "/" + ggufs.getFirst())
                    .orElseThrow(() -> unsafe(name, ggufs.getFirst()));
            fetchMissing(download, cache, commit, List.of(file.file()));
        } else if (ggufs.size() > 1) {
            throw new HubException(name + ": several GGUF files; name one of them: "
                    + String.join(
                            ", ",
                            ggufs.stream()
                                    .limit(20)
                                    .map(file -> name.repository() + "/" + file)
                                    .toList()));
        } else {
            throw new HubException(name + ": no " + SINGLE + ", no " + INDEX + " and no .gguf file"
                    + (files.stream().anyMatch(file -> file.endsWith(".bin") || file.endsWith(".pth"))
                            ? "; weights in Python's pickle format, which can run code when read, are not fetched."
                                    + " Ask its makers for safetensors, or convert it (transformers: save_pretrained)"
                            : ". Is it a language model?"));
        }
    }

    /** The shards that an index names, checked: a name with a path could reach outside the cache. */
    private static Set<String> shards(Path index, HubName name) {
        Set<String> shards = new LinkedHashSet<>();
        try {
            for (JsonNode shard : Json.PLAIN.readTree(index.toFile()).path("weight_map")) {
                if (!shard.isTextual() || !shard.asText().matches("\\w[\\w.-]*\\.safetensors")) {
                    throw unsafe(name, shard.asText());
                }
                shards.add(shard.asText());
            }
        } catch (IOException e) {
            throw new HubException(name + ": " + index + " cannot be read (" + e.getMessage() + ")", e);
        }
        return shards;
    }

    private static HubException unsafe(HubName name, String file) {
        return new HubException(
                name + ": it names the file \"" + file + "\", which is not a plain file name; it is not fetched");
    }

    private static boolean isGguf(String file) {
        return file.toLowerCase(Locale.ROOT).endsWith(".gguf");
    }
}
