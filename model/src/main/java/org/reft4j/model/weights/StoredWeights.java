package org.reft4j.model.weights;

/** Weights that lie in files, so that their shapes and types are known before any of them is read. */
public interface StoredWeights extends Weights {

    /**
     * The shape of a weight, as its checkpoint has it.
     *
     * @throws FormatException if there is no such weight
     */
    long[] shape(String name);

    /** Storage type of a weight in the file, such as {@code BF16} or {@code Q4_1}. */
    String storage(String name);

    /** The bytes that a weight takes in its file. */
    long storedBytes(String name);
}
