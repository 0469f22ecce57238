package org.reft4j.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.ModelFamily;
import org.reft4j.model.decoder.ModelSizes;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.Rows.Row;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.StoredWeights;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/**
 * Decoder with a classification head, one linear layer without bias from a last hidden state to the scores of two classes: wrong (0) and correct
 * (1). Names and layout are those of transformers' {@code …ForSequenceClassification}, whose {@code score.weight} is [2, E]. Unlike
 * there, the hidden state need not be that of the last token: a passage is judged wherever it says.
 */
public final class SequenceClassifier implements AutoCloseable {
    public static final int CLASSES = 2;
    private static final String SCORE = "score.weight";
    private static final String OUTPUT = "lm_head.";
    /** Token after a passage, where {@link Rows} have the last token, which predicts nothing; it is never read. */
    private static final int BEHIND = 0;

    private final Decoder decoder;
    private final Parameter score;
    private GradientPlan plan = GradientPlan.FAST;

    private SequenceClassifier(Decoder decoder, Parameter score) {
        this.decoder = decoder;
        this.score = score;
    }

    /**
     * Text to be judged, at one or more places.
     *
     * @param prompt at least one token; passages with one prompt share its computation
     * @param chain what is judged, possibly empty
     * @param ends places to judge: after so many tokens of the chain, ascending; 0 is the end of the prompt
     */
    public record Passage(Tokens prompt, Tokens chain, List<Integer> ends) {
        public Passage {
            ends = List.copyOf(ends);
            for (int end : ends) {
                if (end < 0 || end > chain.size()) {
                    throw new IllegalArgumentException("judged after " + end + " tokens of a chain of " + chain.size());
                }
            }
        }

        /** Judged once, at its last token. */
        public static Passage whole(Tokens prompt, Tokens chain) {
            return new Passage(prompt, chain, List.of(chain.size()));
        }

        private Row row() {
            return new Row(prompt, chain.append(BEHIND));
        }
    }

    /**
     * A new classifier. Owns the decoder.
     *
     * @param weight float32 [2, E], at any place
     * @throws UnsupportedModelException if transformers has no classifier of this family; the decoder is closed then
     */
    public static SequenceClassifier of(Decoder decoder, Tensor weight) {
        try {
            ClassifierConfig.of(decoder.config());
            try (var _ = NativeScope.open()) {
                return new SequenceClassifier(
                        decoder, new Parameter(SCORE, Tensors.at(decoder.place(), weight), DType.F32));
            }
        } catch (UnsupportedModelException e) {
            decoder.close();
            throw e;
        }
    }

    /**
     * Loads a classifier from the folder that {@link #weights} and {@link #config} were saved in. The caller closes it.
     *
     * @throws org.reft4j.model.weights.FormatException if it is another kind of model or has another number of classes
     */
    public static SequenceClassifier load(ModelFolder folder, DType master, Place place) {
        ModelConfig config = ClassifierConfig.languageModel(folder.config());
        ModelFamily family = ModelFamilies.of(config);
        try (var _ = NativeScope.open();
                StoredWeights weights = folder.weights()) {
            family.sizes(config).requireLike(weights, folder.config());
            Tensor weight =
                    weights.take(SCORE, DType.F32, CLASSES, family.sizes(config).width());
            return new SequenceClassifier(
                    family.build(config, weights, master, place),
                    new Parameter(SCORE, Tensors.at(place, weight), DType.F32));
        }
    }

    /** Sizes of a classifier's decoder. */
    public static ModelSizes sizes(ModelConfig classifier) {
        ModelConfig config = ClassifierConfig.languageModel(classifier);
        return ModelFamilies.of(config).sizes(config);
    }

    /** Configuration to be saved with {@link #weights}. */
    public ModelConfig config() {
        return ClassifierConfig.of(decoder.config());
    }

    /** Every weight by checkpoint name: the decoder's, then {@code score.weight}. */
    public Map<String, Tensor> weights() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Stream.concat(backbone().stream(), head().stream())
                .forEach(parameter -> weights.put(parameter.name(), parameter.value()));
        return weights;
    }

    /** Weights of the backbone: all of the decoder's but those of an output layer of its own, which a classifier does not use. */
    public List<Parameter> backbone() {
        return decoder.parameters().stream()
                .filter(parameter -> !parameter.name().startsWith(OUTPUT))
                .toList();
    }

    /** The layer that scores the classes. */
    public List<Parameter> head() {
        return List.of(score);
    }

    public int contextLength() {
        return decoder.contextLength();
    }

    /** Sets the memory plan of {@link #backward}. */
    public void plan(GradientPlan spending) {
        this.plan = spending;
    }

    /** Cuts passages into groups that go through the model together; see {@link Rows#groups}. */
    public List<int[]> groups(List<Passage> passages, int tokenBudget) {
        return Rows.groups(decoder.place(), passages.stream().map(Passage::row).toList(), tokenBudget);
    }

    /**
     * The probability of class 1, by a softmax over the two scores, wherever the passages are judged.
     *
     * @param tokenBudget see {@link Rows#groups}
     * @return for each passage as many numbers as it has ends
     */
    public List<List<Double>> probabilities(List<Passage> passages, int tokenBudget) {
        List<List<Double>> all = new ArrayList<>();
        passages.forEach(_ -> all.add(new ArrayList<>()));
        for (int[] group : groups(passages, tokenBudget)) {
            try (var _ = NativeScope.open()) {
                List<Passage> part = new ArrayList<>();
                for (int number : group) {
                    part.add(passages.get(number));
                }
                Tensor hidden = BackbonePass.completionHidden(decoder, rows(part)); // [N, E]
                float[] correct = Tensors.toFloats(
                        logits(hidden.index_select(0, judged(part))).softmax(1).select(1, 1)); // [M]
                int at = 0;
                for (int number : group) {
                    for (int i = 0; i < passages.get(number).ends().size(); i++) {
                        all.get(number).add((double) correct[at++]);
                    }
                }
            }
        }
        return all;
    }

    /**
     * Adds the gradients of a loss to those of all weights.
     *
     * @param loss of the scores of the classes, float32 [M, 2], passage after passage and end after end; [] float32
     */
    public void backward(List<Passage> passages, UnaryOperator<Tensor> loss) {
        try (var _ = NativeScope.open();
                var _ = Torch.recordGradients();
                BackbonePass backbone = BackbonePass.forward(decoder, rows(passages), plan.checkpointing())) {
            Tensor hidden = backbone.hidden().requires_grad_(true); // [N, E]
            loss.apply(logits(hidden.index_select(0, judged(passages)))).backward();
            backbone.backward(Gradients.gradient(hidden));
        }
    }

    private Rows rows(List<Passage> passages) {
        return Rows.of(decoder.place(), passages.stream().map(Passage::row).toList());
    }

    /** Indices of the judged tokens among the {@code N} of the rows: int64 [M]. */
    private Tensor judged(List<Passage> passages) {
        List<Long> places = new ArrayList<>();
        long begin = 0;
        for (Passage passage : passages) {
            for (int end : passage.ends()) {
                places.add(begin + end);
            }
            begin += passage.chain().size() + 1L;
        }
        return Tensors.longs(
                decoder.place(), places.stream().mapToLong(place -> place).toArray(), places.size());
    }

    private Tensor logits(Tensor hidden) {
        return torch.linear(hidden, score.value(), new TensorOptional()); // [M, 2]
    }

    @Override
    public void close() {
        try (var _ = NativeScope.open()) {
            score.close();
            decoder.close();
        }
    }
}
