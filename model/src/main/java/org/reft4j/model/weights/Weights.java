package org.reft4j.model.weights;

import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.tensor.DType;

/**
 * Named weights of a model, by the names of its Hugging Face checkpoint whatever file they come from. A family takes what it needs;
 * what nobody took is reported when loading ends.
 */
public interface Weights extends AutoCloseable {

    /** Every name that can be taken. */
    Set<String> names();

    default boolean has(String name) {
        return names().contains(name);
    }

    /**
     * The weight as a new contiguous CPU tensor that belongs to the innermost {@link org.reft4j.tensor.NativeScope}.
     *
     * @param dtype the type wanted; converted where the file holds another
     * @param shape the shape that the model needs
     * @throws FormatException if there is no such weight or its shape differs; the message names file, weight and both shapes
     */
    Tensor take(String name, DType dtype, long... shape);

    /**
     * The same weights for a family whose norms scale by one plus their weight: new ones of norms then begin at 0. Weights that are
     * read are what they are.
     */
    default Weights withNormsFromZero() {
        return this;
    }

    /** The names that nobody has taken yet. A source that makes up any weight asked for has none. */
    Set<String> untaken();

    /** File or folder that the weights come from, for messages. */
    String source();

    @Override
    void close();
}
