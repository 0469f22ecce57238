package org.reft4j.model.decoder;

import java.util.List;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;

/** Model family: builds the decoders of some architectures. To add one, write its file and add its line to {@code ModelFamilies}. */
public interface ModelFamily {
    /** The architectures it builds, as {@code config.json} spells them. */
    List<String> architectures();

    /**
     * The sizes that the configuration asks for.
     *
     * @throws org.reft4j.model.weights.FormatException if one is missing or impossible
     */
    ModelSizes sizes(ModelConfig config);

    /**
     * Builds the model.
     *
     * @param weights what to fill it with; read whole, may be closed afterwards
     * @param master the type in which the weights are kept (float32 to train)
     * @param place of its tensors, with the types of products and attention
     */
    Decoder build(ModelConfig config, Weights weights, DType master, Place place);
}
