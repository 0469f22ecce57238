package org.reft4j.model.decoder;

import java.util.List;
import java.util.stream.Collectors;
import org.reft4j.model.weights.ModelConfig;

/** Every family this build can load. Adding one: write its file, add its line here. */
public final class ModelFamilies {
    /** In the order in which messages name them. */
    public static final List<ModelFamily> ALL = List.of(new Llama());

    private ModelFamilies() {}

    /**
     * The family that builds the configuration's architecture.
     *
     * @throws UnsupportedModelException if there is none; the message names the known ones
     */
    public static ModelFamily of(ModelConfig config) {
        String architecture = config.architecture();
        for (ModelFamily family : ALL) {
            if (family.architectures().contains(architecture)) {
                return family;
            }
        }
        String known =
                ALL.stream().flatMap(family -> family.architectures().stream()).collect(Collectors.joining(", "));
        throw new UnsupportedModelException(
                config.source() + ": unknown architecture \"" + architecture + "\"; known are " + known);
    }
}
