package org.reft4j.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.Rows;
import org.reft4j.model.decoder.families.ModelFamilies;
import org.reft4j.model.decoder.layers.Parameter;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.model.tokenizer.Tokens;
import org.reft4j.model.weights.ModelConfig;
import org.reft4j.model.weights.RandomWeights;
import org.reft4j.model.weights.Weights;
import org.reft4j.tensor.Calibration;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.PackedWeight;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;

/**
 * Benchmark of decoding and training, as a share of the limit that matrix products alone set on this machine. Everything is measured in one
 * run, with the limit in between, so that other processes on the machine slow down both.
 *
 * <p>Arguments: a model folder (default {@code ../shared/models/smollm2-135m-instruct}), or {@code tiny} for the small model alone; then
 * {@code F32} or {@code BF16} for one compute type alone.
 */
public final class EngineBench {
    private static final String DEFAULT_MODEL = "../shared/models/smollm2-135m-instruct";
    private static final int PROMPT = 79;
    private static final int NEW_TOKENS = 64;
    private static final int TRAIN_ROWS = 8;
    private static final int TRAIN_LENGTH = 128;
    private static final int REPEATS = 3;

    private EngineBench() {}

    /** A model to measure: each of {@code rows} is a number of rows decoded at once, {@code trained} go into a training step. */
    private record Subject(String name, ModelConfig config, Weights weights, List<Integer> rows, int trained) {}

    public static void main(String[] arguments) {
        Calibration.chooseBlas();
        Torch.start();
        History history = new History("engine");
        String model = arguments.length > 0 ? arguments[0] : DEFAULT_MODEL;
        List<DType> types =
                arguments.length > 1 ? List.of(DType.valueOf(arguments[1])) : List.of(DType.F32, DType.BF16);
        System.out.println(
                torch.get_num_threads() + " threads, " + Runtime.getRuntime().availableProcessors() + " processors");
        Table.head();
        for (DType compute : types) {
            if (!model.equals("tiny")) {
                folder(Path.of(model), compute, history);
            }
            tiny(compute, history);
        }
        history.write();
    }

    private static void folder(Path path, DType compute, History history) {
        if (!Files.exists(path)) {
            System.err.println("skipped: no " + path);
            return;
        }
        ModelFolder folder = ModelFolder.open(path);
        try (Weights weights = folder.weights()) {
            measure(new Subject("135M", folder.config(), weights, List.of(32, 128), TRAIN_ROWS), compute, history);
        }
    }

    private static void tiny(DType compute, History history) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("LlamaForCausalLM");
        json.put("vocab_size", 1024)
                .put("hidden_size", 128)
                .put("intermediate_size", 344)
                .put("num_hidden_layers", 3)
                .put("num_attention_heads", 4)
                .put("num_key_value_heads", 2)
                .put("max_position_embeddings", 512)
                .put("tie_word_embeddings", true);
        ModelConfig config = new ModelConfig(json, "tiny");
        measure(new Subject("tiny", config, new RandomWeights(1, 0.1, true), List.of(128), 64), compute, history);
    }

    private static void measure(Subject subject, DType compute, History history) {
        Torch.fit(ModelFamilies.of(subject.config()).sizes(subject.config()).width(), Place.host(compute));
        try (Decoder decoder = ModelFamilies.of(subject.config())
                .build(subject.config(), subject.weights(), DType.F32, Place.host(compute))) {
            String name = subject.name() + " " + compute.torchName();
            double flops = 2.0
                    * multiplied(decoder).stream()
                            .mapToLong(p -> p.value().numel())
                            .sum();
            Table table = new Table(name, flops, history);
            double peak = 0;
            for (int rows : subject.rows()) {
                peak = Math.max(peak, measureDecoding(table, rows, decoder, compute));
            }
            measureTraining(table, subject, decoder, compute, peak);
        }
    }

    /** Prints prompt reading and decoding; the best matrix product seen on the way. */
    private static double measureDecoding(Table table, int batch, Decoder decoder, DType compute) {
        double[] read = new double[REPEATS];
        double[] decode = new double[REPEATS];
        List<Sampler.Draw> draws = draws(decoder, batch);
        decode(decoder, draws, 2);
        double peak = peak(compute);
        double[] products = new double[REPEATS];
        double[] packed = new double[PackedWeight.available() ? REPEATS : 0];
        for (int i = 0; i < REPEATS; i++) {
            products[i] = products(decoder, batch, false);
            if (packed.length > 0) {
                packed[i] = products(decoder, batch, true);
            }
            double[] seconds = decode(decoder, draws, NEW_TOKENS);
            read[i] = seconds[0];
            decode[i] = seconds[1];
            peak = Math.max(peak, peak(compute));
        }
        table.peak(peak);
        table.row("read " + batch + "x" + PROMPT, read, batch * PROMPT, 1, peak);
        table.row("decode " + batch + "x" + NEW_TOKENS, decode, batch * (NEW_TOKENS - 1), 1, peak);
        table.row("products of a decoding step of " + batch, products, batch, 1, peak);
        if (packed.length > 0) {
            table.row("products of it, weights packed, " + batch, packed, batch, 1, peak);
        }
        table.row("read and decode " + batch + "x" + NEW_TOKENS, sum(read, decode), batch * NEW_TOKENS, 0, peak);
        return peak;
    }

    private static void measureTraining(
            Table table, Subject subject, Decoder decoder, DType compute, double peakBefore) {
        double[] train = new double[REPEATS];
        double[] products = new double[REPEATS];
        int tokens = subject.trained() * TRAIN_LENGTH;
        List<Rows.Row> rows = rows(decoder, subject.trained());
        decoder.parameters().forEach(parameter -> parameter.value().requires_grad_(true));
        train(decoder, rows);
        double peak = peakBefore;
        for (int i = 0; i < REPEATS; i++) {
            products[i] = trainingProducts(decoder, tokens);
            train[i] = train(decoder, rows);
            peak = Math.max(peak, peak(compute));
        }
        String step = "train " + subject.trained() + "x" + TRAIN_LENGTH;
        // Backward multiplies twice, once for the input and once for the weight.
        table.row(step, train, tokens, 3, peak);
        table.row("products of " + step, products, tokens, 3, peak);
    }

    /** Weights that every token is multiplied with: all matrices, the embedding only as the output layer. */
    private static List<Parameter> multiplied(Decoder decoder) {
        boolean tied = decoder.parameters().stream().noneMatch(p -> p.name().equals("lm_head.weight"));
        return decoder.parameters().stream()
                .filter(p -> p.value().dim() == 2)
                .filter(p -> tied || !p.name().contains("embed"))
                .toList();
    }

    /**
     * Seconds of the matrix products of one decoding step and nothing else: the limit for so few rows.
     *
     * @param packed true for weights that were packed beforehand
     */
    private static double products(Decoder decoder, int rows, boolean packed) {
        try (var _ = NativeScope.open()) {
            List<Tensor> weights =
                    multiplied(decoder).stream().map(Parameter::compute).toList();
            List<Tensor> inputs = weights.stream()
                    .map(w -> torch.ones_like(w.narrow(0, 0, 1)).repeat(rows, 1))
                    .toList();
            List<PackedWeight> copies =
                    packed ? weights.stream().map(w -> PackedWeight.of(w, rows)).toList() : List.of();
            long best = Long.MAX_VALUE;
            for (int repeat = 0; repeat < 4; repeat++) {
                long begin = System.nanoTime();
                for (int i = 0; i < weights.size(); i++) {
                    Tensor product = packed
                            ? copies.get(i).multiply(inputs.get(i))
                            : torch.linear(inputs.get(i), weights.get(i));
                    product.close();
                }
                best = Math.min(best, System.nanoTime() - begin);
            }
            copies.forEach(PackedWeight::close);
            return best / 1e9;
        }
    }

    /** Seconds of the matrix products of one training step and nothing else: forward, and back to the input and to the weight. */
    private static double trainingProducts(Decoder decoder, int rows) {
        long nanos = 0;
        for (Parameter parameter : multiplied(decoder)) {
            try (var _ = NativeScope.open()) {
                Tensor weight = parameter.compute().detach();
                Tensor input = torch.ones_like(weight.narrow(0, 0, 1)).repeat(rows, 1); // [N, inputs]
                long begin = System.nanoTime();
                Tensor output = torch.linear(input, weight); // [N, outputs]
                output.mm(weight);
                output.t().mm(input);
                nanos += System.nanoTime() - begin;
            }
        }
        return nanos / 1e9;
    }

    /** FLOP/s of the best of a few products of a thousand rows, the shape of a training step. */
    private static double peak(DType compute) {
        int rows = 1024;
        int inputs = 1536;
        int outputs = 1536;
        try (var _ = NativeScope.open()) {
            Tensor input = Tensors.zeros(Place.HOST, DType.F32, rows, inputs)
                    .add(new Scalar(1))
                    .to(compute.scalarType());
            Tensor weight = Tensors.zeros(Place.HOST, DType.F32, outputs, inputs)
                    .add(new Scalar(1))
                    .to(compute.scalarType());
            long best = Long.MAX_VALUE;
            for (int i = 0; i < 12; i++) {
                long begin = System.nanoTime();
                torch.linear(input, weight).close();
                best = Math.min(best, System.nanoTime() - begin);
            }
            return 2.0 * rows * inputs * outputs / (best / 1e9);
        }
    }

    private static List<Sampler.Draw> draws(Decoder decoder, int rows) {
        SplittableRandom random = Seeds.stream(1);
        List<Sampler.Draw> draws = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            draws.add(new Sampler.Draw(tokens(random, decoder, PROMPT), i));
        }
        return draws;
    }

    private static List<Rows.Row> rows(Decoder decoder, int count) {
        SplittableRandom random = Seeds.stream(2);
        List<Rows.Row> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rows.add(new Rows.Row(tokens(random, decoder, 1), tokens(random, decoder, TRAIN_LENGTH)));
        }
        return rows;
    }

    private static Tokens tokens(SplittableRandom random, Decoder decoder, int count) {
        return Tokens.of(random.ints(count, 0, decoder.vocabularySize()).toArray());
    }

    /** Seconds until the first token of all rows, and for all further ones. */
    private static double[] decode(Decoder decoder, List<Sampler.Draw> draws, int tokens) {
        AtomicLong first = new AtomicLong();
        SamplingConfig config =
                SamplingConfig.sampling(1, 0, 1, decoder.contextLength()).withMaxTokens(tokens);
        long begin = System.nanoTime();
        var _ = new Sampler(decoder, -1, draws.size())
                .sample(draws, config, done -> first.compareAndSet(0, System.nanoTime()));
        return new double[] {(first.get() - begin) / 1e9, (System.nanoTime() - first.get()) / 1e9};
    }

    /** Seconds of forward and backward with a label on every token, as supervised training does it. */
    private static double train(Decoder decoder, List<Rows.Row> rows) {
        PolicyModel policy = PolicyModel.of(decoder);
        long begin = System.nanoTime();
        try (var _ = NativeScope.open()) {
            policy.backwardLikelihood(Rows.of(Place.HOST, rows), -1.0 / (rows.size() * TRAIN_LENGTH));
        }
        decoder.parameters().forEach(Parameter::changed);
        return (System.nanoTime() - begin) / 1e9;
    }

    private static double[] sum(double[] first, double[] second) {
        double[] sums = new double[first.length];
        Arrays.setAll(sums, i -> first[i] + second[i]);
        return sums;
    }
}
