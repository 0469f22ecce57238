package org.reft4j.train.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.reft4j.model.GradientPlan;
import org.reft4j.model.chat.ChatTemplate;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.Packing;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.EndTokens;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.train.learn.MemoryPlan;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.ModelSources;

/**
 * Facts about a model and its memory needs, from the headers of its files.
 *
 * @param parameters number of its weights; an output layer that shares the embedding counts once
 * @param bytesByType memory as float32 or as stored, by the file's name for the type
 * @param context the longest row in tokens; 0 if its configuration does not say
 * @param place that it would be put at
 * @param memory memory there in bytes
 * @param rowTokens length of the rows of the figures below, in tokens
 */
public record ModelFacts(
        ModelSizes sizes,
        long parameters,
        Map<String, Long> bytesByType,
        int context,
        Place place,
        long memory,
        int rowTokens) {
    /** Left to the system and the JVM. */
    private static final double USABLE = 0.9;

    public static ModelFacts of(ModelFolder folder, int rowTokens, long memory) {
        ModelConfig config = folder.config();
        ModelSizes sizes = ModelFamilies.of(config).sizes(config);
        long parameters = 0;
        Map<String, Long> types = new TreeMap<>();
        try (StoredWeights weights = folder.weights()) {
            for (String name : weights.names()) {
                if (sizes.tied() && name.equals("lm_head.weight")) {
                    continue;
                }
                long count = 1;
                for (long size : weights.shape(name)) {
                    count *= size;
                }
                parameters += count;
                types.merge(weights.storage(name), weights.storedBytes(name), Long::sum);
            }
        }
        int context = config.integer("max_position_embeddings", config.integer("n_positions", 0));
        return new ModelFacts(
                sizes, parameters, types, context, ModelSources.place("auto", "auto", sizes), memory, rowTokens);
    }

    /**
     * Facts about a tokenizer.
     *
     * @param special texts and ids by role
     */
    public record Tokens(int size, Map<String, String> special) {}

    public static Tokens tokens(ModelFolder folder) {
        try (Tokenizer tokenizer = folder.tokenizer()) {
            Map<String, String> special = new LinkedHashMap<>();
            EndTokens ends = ChatTemplate.ends(tokenizer);
            put(special, "end-of-text", tokenizer, ends.known());
            for (int id : ends.all()) {
                if (id != ends.written()) {
                    special.merge("end-of-text", shown(tokenizer, id), (before, more) -> before + ", " + more);
                }
            }
            put(special, "padding", tokenizer, tokenizer.padding());
            int beginning = folder.config().json().path("bos_token_id").asInt(-1);
            if (beginning >= 0 && beginning < tokenizer.vocabularySize()) {
                put(special, "beginning-of-text", tokenizer, OptionalInt.of(beginning));
            }
            return new Tokens(tokenizer.vocabularySize(), special);
        }
    }

    private static void put(Map<String, String> special, String name, Tokenizer tokenizer, OptionalInt id) {
        if (id.isPresent()) {
            special.put(name, shown(tokenizer, id.getAsInt()));
        }
    }

    private static String shown(Tokenizer tokenizer, int id) {
        return tokenizer.piece(id) + " (" + id + ")";
    }

    /** The type of matrix products. */
    DType compute() {
        return place.products();
    }

    /** Weights that only answer, in the type of products, and their copy for batches. */
    public long inferBytes() {
        long weights = parameters * compute().bytes();
        return weights + (place.isHost() ? Packing.planned(sizes.width(), weights, memory) : 0);
    }

    /** Keys and values of one row. */
    public long cacheBytes() {
        return sizes.cacheBytes(1, rowTokens, place.attention());
    }

    public long inferRows() {
        return rows(inferBytes(), cacheBytes());
    }

    /** Weights, gradients and optimiser, and a copy of the weights where products are computed in another type. */
    public long trainBytes() {
        return MemoryPlan.trainedBytes(parameters, compute());
    }

    /** Memory that the backward pass needs for one row. */
    public long passBytes() {
        return sizes.activationBytes(rowTokens, false);
    }

    public long trainRows() {
        return rows(trainBytes() + logitBytes(), passBytes());
    }

    /** Frozen weights in the type of products; adapters as configured by default, their gradients and optimiser. */
    public long adapterBytes() {
        return parameters * compute().bytes() + MemoryPlan.trainedBytes(adapterParameters(), DType.F32);
    }

    public long adapterParameters() {
        return MemoryPlan.trained(LoraConfig.DEFAULT, sizes);
    }

    /** The same with activations computed a second time, since what adapters are for is models that hardly fit. */
    public long adapterPassBytes() {
        return sizes.activationBytes(rowTokens, true);
    }

    public long adapterRows() {
        return rows(adapterBytes() + logitBytes(), adapterPassBytes());
    }

    /** Logits are held for some tokens at a time. */
    private static long logitBytes() {
        return MemoryPlan.LOGIT_COPIES * GradientPlan.LOGIT_BYTES;
    }

    private long rows(long standing, long each) {
        return Math.max(0, (long) (USABLE * memory) - standing) / Math.max(1, each);
    }
}
