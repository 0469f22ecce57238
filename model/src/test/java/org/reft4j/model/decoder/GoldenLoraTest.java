package org.reft4j.model.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.model.weights.SharedFiles;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/** Every golden adapter on a model of a known family: logits, loss and gradients as PEFT computes them. */
class GoldenLoraTest {
    /** float32 sums in another order. */
    private static final double LOGITS = 1e-4;
    /** Tolerance, as a share of the largest entry of the tensor. */
    private static final double GRADIENT = 1e-4;

    private static final double LOSS = 1e-5;
    /** A wrong variant must be this many tolerances away. */
    private static final double WRONG = 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        Torch.start();
    }

    /** An adapter's folder with its base and what PEFT computes. */
    private record Golden(Path path) {
        GoldenModel base() {
            return new GoldenModel(AdapterFolder.open(path).base());
        }

        AdaptedDecoder load() {
            return Adapters.load(base().load(), AdapterFolder.open(path));
        }

        SafetensorsFile values() {
            return SafetensorsFile.open(path.resolve("golden.safetensors"));
        }

        double loss() throws IOException {
            return JSON.readTree(path.resolve("golden.json").toFile())
                    .path("loss")
                    .asDouble();
        }

        /** The largest difference of the logits to what PEFT computes. */
        double distance(Decoder decoder) {
            try (SafetensorsFile golden = values();
                    var _ = NativeScope.open()) {
                float[] found = Tensors.toFloats(decoder.logits(decoder.hidden(golden.read("ids"), (Tensor) null)));
                return GoldenModel.distance(
                        Tensors.toFloats(golden.read("logits")), found, Tensors.toLongs(golden.read("mask")));
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> adapters() throws IOException {
        List<Golden> known = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Path path : SharedFiles.folders("golden/lora")) {
            try {
                ModelFamilies.of(new Golden(path).base().config());
                known.add(new Golden(path));
            } catch (UnsupportedModelException e) {
                unknown.add(path.getFileName() + " (" + e.getMessage() + ")");
            }
        }
        System.out.println("golden adapters: " + known.size() + " of known families "
                + known.stream().map(golden -> golden.path().getFileName()).toList() + ", not known yet: " + unknown);
        assertFalse(known.isEmpty(), "no golden adapter is for a known family");
        return known.stream()
                .map(golden ->
                        DynamicTest.dynamicTest(golden.path().getFileName().toString(), () -> agrees(golden)));
    }

    private void agrees(Golden golden) throws IOException {
        try (AdaptedDecoder decoder = golden.load()) {
            Decoder bare = decoder.bare();
            double off = golden.distance(bare);
            assertTrue(off > WRONG * LOGITS, "without the adapter it is another model: " + off);
            double logits = golden.distance(decoder);
            assertTrue(logits <= LOGITS, "logits are off by " + logits);
            try (Decoder beside = Adapters.beside(decoder, AdapterFolder.open(golden.path()))) {
                assertTrue(golden.distance(beside) <= LOGITS);
            }
            double gradients = gradients(golden, decoder);
            System.out.printf(
                    Locale.ROOT,
                    "golden adapter %s agrees: logits %.1e, gradients %.1e of the largest%n",
                    golden.path().getFileName(),
                    logits,
                    gradients);
            Path copy = Files.createDirectory(folder.resolve("copy"));
            Adapters.write(copy, decoder.adapter().orElseThrow());
            SafetensorsFile before = AdapterFolder.open(golden.path()).weights();
            SafetensorsFile after = AdapterFolder.open(copy).weights();
            try (before;
                    after) {
                TreeSet<String> names = new TreeSet<>(before.names());
                names.removeIf(name -> name.endsWith(".base_layer.weight"));
                assertEquals(names, new TreeSet<>(after.names()));
            }
        }
        merges(golden);
    }

    private static void merges(Golden golden) {
        AdaptedDecoder decoder = golden.load();
        try (Decoder merged = decoder.merged()) {
            double distance = golden.distance(merged);
            assertTrue(distance <= LOGITS, "merged, the logits are off by " + distance);
        } catch (org.reft4j.model.weights.FormatException e) {
            decoder.close();
            assertTrue(String.valueOf(e.getMessage()).contains("tie"), e::toString);
        }
    }

    /** The largest distance of a gradient; every gradient of the file must be there, and no other. */
    private static double gradients(Golden golden, AdaptedDecoder decoder) throws IOException {
        List<Parameter> trained = decoder.adapter().orElseThrow().parameters();
        try (SafetensorsFile values = golden.values();
                var _ = NativeScope.open()) {
            trained.forEach(parameter -> parameter.value().requires_grad_(true));
            assertEquals(golden.loss(), GoldenModelsTest.backward(decoder, values, 3), LOSS);
            TreeSet<String> expected = new TreeSet<>();
            double nothing = GoldenModelsTest.NOTHING
                    * values.names().stream()
                            .filter(name -> name.startsWith("grad."))
                            .mapToDouble(name -> GoldenModelsTest.largest(Tensors.toFloats(values.read(name))))
                            .max()
                            .orElseThrow();
            double largest = 0;
            for (String name : values.names()) {
                if (name.startsWith("grad.")) {
                    String plain = name.substring("grad.".length() + AdapterFolder.PREFIX.length())
                            .replace(".modules_to_save.default", "")
                            .replace(".default", "");
                    expected.add(plain);
                    Parameter parameter = trained.stream()
                            .filter(p -> p.name().equals(plain))
                            .findFirst()
                            .orElseThrow(() -> new AssertionError("no parameter " + plain));
                    double distance = GoldenModelsTest.gradientDistance(parameter, values.read(name), nothing);
                    assertTrue(distance <= GRADIENT, () -> plain + " is off by " + distance);
                    largest = Math.max(largest, distance);
                }
            }
            assertEquals(
                    expected,
                    new TreeSet<>(trained.stream().map(Parameter::name).toList()));
            assertTrue(decoder.parameters().stream().noneMatch(p -> p.value().requires_grad()), "the base is frozen");
            return largest;
        }
    }
}
