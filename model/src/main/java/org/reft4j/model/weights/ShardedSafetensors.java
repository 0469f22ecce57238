package org.reft4j.model.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;

/** Weights spread over several safetensors files, found through {@code model.safetensors.index.json}. One thread at a time. */
public final class ShardedSafetensors implements StoredWeights {
    /** The file that says which shard holds which weight. */
    public static final String INDEX = "model.safetensors.index.json";

    /** A shard's name, with how many there are. */
    private static final Pattern SHARD = Pattern.compile("([\\w.-]+)-\\d{5}-of-(\\d{5})\\.safetensors");
    /** Most shards that are looked for when some are missing. */
    private static final int MOST_SHARDS = 1000;

    private final Path index;
    private final Map<String, SafetensorsFile> shards;
    private final Map<String, SafetensorsFile> byName;
    private final Set<String> untaken;

    private ShardedSafetensors(Path index, Map<String, SafetensorsFile> shards, Map<String, SafetensorsFile> byName) {
        this.index = index;
        this.shards = shards;
        this.byName = Collections.unmodifiableMap(byName);
        this.untaken = new LinkedHashSet<>(byName.keySet());
    }

    /**
     * Maps every shard that the index names.
     *
     * @throws FormatException if the index is not valid, a shard is missing or damaged, or does not hold what the index says
     */
    public static ShardedSafetensors open(Path index) {
        Map<String, String> files = read(index);
        refuseMissing(index, files);
        Map<String, SafetensorsFile> shards = new LinkedHashMap<>();
        Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, String> weight : files.entrySet()) {
                SafetensorsFile shard = shards.get(weight.getValue());
                if (shard == null) {
                    shard = SafetensorsFile.open(index.resolveSibling(weight.getValue()));
                    shards.put(weight.getValue(), shard);
                }
                if (!shard.has(weight.getKey())) {
                    throw new FormatException(shard.source() + ": tensor " + weight.getKey() + " is missing although "
                            + index.getFileName() + " places it there. Download this shard and the index again");
                }
                byName.put(weight.getKey(), shard);
            }
            return new ShardedSafetensors(index, shards, byName);
        } catch (FormatException e) {
            shards.values().forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private static Map<String, String> read(Path index) {
        JsonNode map = JsonFiles.object(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new FormatException(
                    index + ": \"weight_map\" is " + (map.isMissingNode() ? "missing" : "not a filled object")
                            + "; expected {\"weight name\": \"file name\", ...}");
        }
        Map<String, String> files = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : map.properties()) {
            String file = field.getValue().asText();
            // A name with a path could reach outside the model's folder.
            if (!field.getValue().isTextual() || !file.matches("[\\w.-]+\\.safetensors")) {
                throw new FormatException(index + ": weight_map." + field.getKey() + " is " + field.getValue()
                        + "; expected the plain name of a .safetensors file in the same folder");
            }
            files.put(field.getKey(), file);
        }
        return files;
    }

    private static void refuseMissing(Path index, Map<String, String> files) {
        List<String> missing = files.values().stream()
                .distinct()
                .filter(name -> !Files.exists(index.resolveSibling(name)))
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            throw new FormatException(index.resolveSibling(missing.getFirst()) + ": this shard is missing although "
                    + index.getFileName() + " names it" + others(missing) + ". Download it into the same folder");
        }
    }

    private static String others(List<String> missing) {
        return missing.size() == 1 ? "" : ", and so are " + String.join(", ", missing.subList(1, missing.size()));
    }

    /**
     * Refuses a folder that holds some shards and no index: whatever else lies there is not the model that it was to be.
     *
     * @throws FormatException that names the index and the shards that are missing
     */
    public static void refuseWithoutIndex(Path folder, List<Path> files) {
        Set<String> names = files.stream()
                .map(file -> String.valueOf(file.getFileName()))
                .collect(Collectors.toCollection(TreeSet::new));
        for (String name : names) {
            Matcher shard = SHARD.matcher(name);
            if (shard.matches()) {
                int count = Math.min(Integer.parseInt(shard.group(2)), MOST_SHARDS);
                List<String> missing = IntStream.rangeClosed(1, count)
                        .mapToObj(number -> String.format(
                                Locale.ROOT, "%s-%05d-of-%s.safetensors", shard.group(1), number, shard.group(2)))
                        .filter(each -> !names.contains(each))
                        .toList();
                throw new FormatException(folder.resolve(INDEX)
                        + ": the index of the shards, such as " + name + ", is missing"
                        + (missing.isEmpty() ? "" : ", and so are " + String.join(", ", missing))
                        + ". Download them into the same folder, or name a .gguf file itself if that is meant");
            }
        }
    }

    @Override
    public Set<String> names() {
        return byName.keySet();
    }

    @Override
    public Set<String> untaken() {
        return Collections.unmodifiableSet(untaken);
    }

    @Override
    public long[] shape(String name) {
        return shard(name).shape(name);
    }

    @Override
    public String storage(String name) {
        return shard(name).storage(name);
    }

    @Override
    public long storedBytes(String name) {
        return shard(name).storedBytes(name);
    }

    @Override
    public Tensor take(String name, DType dtype, long... shape) {
        SafetensorsFile shard = shard(name);
        untaken.remove(name);
        return shard.take(name, dtype, shape);
    }

    private SafetensorsFile shard(String name) {
        SafetensorsFile shard = byName.get(name);
        if (shard == null) {
            throw Checks.missing(source(), name, names());
        }
        return shard;
    }

    @Override
    public String source() {
        return index.toString();
    }

    @Override
    public void close() {
        shards.values().forEach(SafetensorsFile::close);
    }
}
