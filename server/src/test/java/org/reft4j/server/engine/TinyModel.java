package org.reft4j.server.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;

/** A model of random weights that chats, in a folder. */
public final class TinyModel {
    public static final int CONTEXT = 256;
    private static final String TEMPLATE =
            "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";

    private TinyModel() {}

    public static Path write(Path folder, int seed) {
        return write(folder, seed, TEMPLATE);
    }

    /** The same with another chat template. */
    public static Path write(Path folder, int seed, String template) {
        Torch.start();
        ModelSource source =
                new ModelSource(null, new ModelSource.NewModel(2, 32, 2, 1, 64, CONTEXT, 0.1), "f32", "cpu");
        ModelSources.Source made = ModelSources.open(source, seed);
        try (var tokenizer = made.tokenizer();
                Decoder decoder = made.build(DType.F32, Place.HOST)) {
            Map<String, Tensor> values = new LinkedHashMap<>();
            decoder.parameters().forEach(parameter -> values.put(parameter.name(), parameter.value()));
            ModelFolder.save(folder, made.config(), values, tokenizer, DType.F32);
            Files.writeString(folder.resolve("chat_template.jinja"), template);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return folder;
    }
}
