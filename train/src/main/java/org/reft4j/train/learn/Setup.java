package org.reft4j.train.learn;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.reft4j.ground.random.Seeds;
import org.reft4j.model.PolicyModel;
import org.reft4j.model.SequenceClassifier;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.Decoder;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapter;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.folder.AdapterFolder;
import org.reft4j.model.folder.ModelFolder;
import org.reft4j.model.tokenizer.Tokenizer;
import org.reft4j.model.weights.SafetensorsFile;
import org.reft4j.task.dataset.Dataset;
import org.reft4j.task.grade.DataRows;
import org.reft4j.task.grade.Grader;
import org.reft4j.task.grade.GraderTools;
import org.reft4j.task.grade.ModelMap;
import org.reft4j.task.grade.RewardRule;
import org.reft4j.task.graders.ControlGrader;
import org.reft4j.task.graders.Graders;
import org.reft4j.tensor.DType;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.tensor.Torch;
import org.reft4j.train.measure.RewardModel;
import org.reft4j.train.rollout.Grading;
import org.reft4j.train.rollout.Prompts;
import org.reft4j.train.rollout.StepRewards;
import org.reft4j.train.run.Run;
import org.reft4j.train.run.RunData;
import org.reft4j.train.sample.SampleSource;
import org.reft4j.train.sample.ScoredSample;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.ModelSource;
import org.reft4j.train.settings.ModelSources;
import org.reft4j.train.settings.PromptConfig;
import org.reft4j.train.settings.RecipeConfig;
import org.reft4j.train.settings.StoredSamplesConfig;

/** Shared setup of recipes: data, tokenizer, grader, checkpoints. A recipe owns the models that it opens here. */
public final class Setup implements AutoCloseable {
    /** First random key of a classifier's rows, after those of a value head's weight and bias. */
    private static final int CLASS_SCORES = 2;

    private final RecipeConfig config;
    private final Dataset data;
    private final RunData record;
    private final GraderTools tools;
    private final Grader grader;
    private final ModelSources.Source source;
    private final Prompts prompts;
    private final Place place;

    private Setup(RecipeConfig config, ModelSource trained, Run run, GraderTools tools) {
        Torch.start();
        this.config = config;
        OpenedData opened = OpenedData.open(config, run);
        this.data = opened.data();
        this.record = opened.record();
        this.tools = tools.with(config.data().cot())
                .with(new DataRows("train split", data.train()), new DataRows("validation split", data.validation()));
        config.requireAnswers(data);
        this.grader = grader(described(config, data), this.tools);
        this.source = ModelSources.open(trained, config.seed());
        try {
            this.prompts = PromptConfig.prompts(config, data, source, run);
            this.place = ModelSources.place(trained, source.sizes());
        } catch (RuntimeException e) {
            source.tokenizer().close();
            throw e;
        }
        Torch.fit(source.sizes().width(), place);
    }

    /** The grader's description: the configuration's, or else the data's. */
    private static @Nullable JsonNode described(RecipeConfig config, Dataset data) {
        return config.grader() != null ? config.grader() : data.grader();
    }

    /** The answer is compared as the paper does, unless another grader is described. */
    private static Grader grader(@Nullable JsonNode described, GraderTools tools) {
        return Graders.orAnswers(described, "grader", tools);
    }

    public static Setup open(RecipeConfig config, Run run, GraderTools tools) {
        return new Setup(config, config.trained(), run, tools);
    }

    public Dataset data() {
        return data;
    }

    /** The longest row in tokens: the configured limit, or the model's context length if that is smaller. */
    public int rowTokens(int maxTokens) {
        return Math.min(maxTokens, source.sizes().contextLength());
    }

    /** The stored samples that a configuration names, those of each question together. */
    public List<List<ScoredSample>> samples(StoredSamplesConfig stored) {
        SampleOrigin.require(stored, stored());
        return SampleSource.read(Path.of(stored.samples().path()), data.train());
    }

    /** The models that judge, if any do. */
    ModelMap judges() {
        return tools.models();
    }

    /** The grader that is described, or else the paper's; no control replaces it. */
    public Grader grader() {
        return grader;
    }

    /**
     * The grader of training: the real one, unless the run is a control experiment. With {@code random}, a coin is tossed for each
     * completion of each step.
     */
    public Grading grading(ControlGrader.Control control, RewardRule rule) {
        if (control == ControlGrader.Control.RANDOM) {
            Seeds seeds = new Seeds(config.seed());
            return Grading.by((_, key) -> ControlGrader.coin(seeds.key(Seeds.Purpose.COIN, key)), rule);
        }
        return new Grading(ControlGrader.of(control, grader, data.train(), config.seed()), rule);
    }

    /** Place of the models of the run. */
    public Place place() {
        return place;
    }

    /**
     * Rewards per token: the grade's on the last token, and the step grader's on the last token of each step.
     *
     * @param described the step grader; {@code null} for none
     * @param weight deduction for a step with score 0
     */
    public StepRewards stepRewards(@Nullable JsonNode described, double weight) {
        return described == null
                ? StepRewards.none()
                : new StepRewards(Graders.steps(described, "step-grader", tools), weight, prompts.tokenizer());
    }

    public Prompts prompts() {
        return prompts;
    }

    /** The model as configured, before any training of this run; with {@code lora}, frozen weights with an adapter. */
    private Decoder start() {
        LoraConfig lora = config.lora();
        if (lora == null) {
            return source.build(DType.F32, place);
        }
        StoredModel stored = stored();
        stored.adapter().ifPresent(folder -> lora.requireSame(folder.config()));
        Decoder base = stored.buildBase(place.products(), place);
        Seeds seeds = new Seeds(config.seed());
        return stored.adapter()
                .map(folder -> Adapters.load(base, folder))
                .orElseGet(() -> Adapters.fresh(
                        base,
                        lora.adapter(stored.base()
                                .path()
                                .toAbsolutePath()
                                .normalize()
                                .toString()),
                        layer -> seeds.key(Seeds.Purpose.ADAPTER, layer)));
    }

    private StoredModel stored() {
        return source.stored().orElseThrow();
    }

    /** The policy without a critic: from the checkpoint, or as configured. */
    public PolicyModel policy(Optional<Run.Checkpoint> checkpoint) {
        return PolicyModel.of(checkpoint.map(this::decoder).orElseGet(this::start));
    }

    /**
     * A frozen copy of the model as configured, in the type of products alone. Beside adapters it shares the policy's weights: it is they without the adapter, or with
     * the one that training began from. To be closed before the policy.
     */
    PolicyModel reference(PolicyModel policy) {
        if (!(policy.decoder() instanceof AdaptedDecoder adapted)) {
            return PolicyModel.of(source.build(place.products(), place));
        }
        return PolicyModel.of(stored().adapter()
                .<Decoder>map(folder -> Adapters.beside(adapted, folder))
                .orElseGet(adapted::bare));
    }

    /**
     * Another model, which samples for the one that is trained: frozen, an adapter merged. To be closed.
     *
     * @throws org.reft4j.train.ConfigException if its tokenizer is not that of the trained model
     */
    public PolicyModel sampler(ModelSource other) {
        ModelSources.Source sampling = ModelSources.open(other, config.seed());
        try (Tokenizer _ = sampling.tokenizer()) {
            SameTokenizer.require(sampling, prompts);
            return PolicyModel.of(sampling.build(DType.F32, place));
        }
    }

    /** The memory that the run takes of this machine. */
    public MemoryPlan memory() {
        return MemoryPlan.here(config, source.sizes(), place, data.validation().size());
    }

    /**
     * The policy with its critic: from the checkpoint, or as configured with a new value head.
     *
     * @param zero true for a new value head with output 0
     */
    PolicyModel policyWithValueHead(Optional<Run.Checkpoint> checkpoint, boolean zero) {
        try (var scope = NativeScope.open()) {
            int width = source.sizes().width();
            if (checkpoint.isEmpty()) {
                NewHead head = new NewHead(new Seeds(config.seed()), width);
                Tensor weight = scope.keep(head.numbers(0, zero, 0));
                return PolicyModel.withValueHead(start(), weight, scope.keep(head.numbers(1, zero, 1)));
            }
            // The small part first: should it not be there, nothing large is left open.
            try (SafetensorsFile state = TrainerState.tensors(checkpoint.get())) {
                Tensor weight = scope.keep(state.take("v_head.weight", DType.F32, 1, width));
                Tensor bias = scope.keep(state.take("v_head.bias", DType.F32, 1));
                return PolicyModel.withValueHead(decoder(checkpoint.get()), weight, bias);
            }
        }
    }

    private Decoder decoder(Run.Checkpoint checkpoint) {
        if (config.lora() != null) {
            return Adapters.load(stored().buildBase(place.products(), place), AdapterFolder.open(checkpoint.folder()));
        }
        return StoredModel.open(checkpoint.folder()).build(DType.F32, place);
    }

    /** A classifier on the backbone of the model as configured, with a new head; or that of a checkpoint. */
    SequenceClassifier classifier(Optional<Run.Checkpoint> checkpoint) {
        if (checkpoint.isPresent()) {
            return SequenceClassifier.load(ModelFolder.open(checkpoint.get().folder()), DType.F32, place);
        }
        Decoder decoder = start();
        try (var _ = NativeScope.open()) {
            NewHead head = new NewHead(new Seeds(config.seed()), decoder.width());
            Tensor[] rows = new Tensor[SequenceClassifier.CLASSES];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = head.numbers(0, false, CLASS_SCORES + i);
            }
            return SequenceClassifier.of(decoder, Tensors.cat(0, rows));
        }
    }

    /** Refuses to learn from samples that a model of another base wrote. */
    public void requireSameBase(Path writer) {
        RewardModel.requireSameBase(Path.of(source.config().source()), source.sizes(), prompts.tokenizer(), writer);
    }

    /** Writes a model as checkpoints have it, without what only the trainer needs. */
    public void write(Path folder, Decoder decoder) {
        Optional<Adapter> adapter = Adapters.active(decoder);
        if (adapter.isPresent()) {
            Adapters.write(folder, adapter.get());
            prompts.tokenizer().save(folder);
        } else {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            decoder.parameters().forEach(parameter -> weights.put(parameter.name(), parameter.value()));
            ModelFolder.write(folder, decoder.config(), weights, prompts.tokenizer(), DType.F32);
        }
        prompts.form().save(folder);
        record.save(folder);
    }

    /** Stores with a model the record of its training data. */
    void describe(Path folder) {
        record.save(folder);
    }

    @Override
    public void close() {
        prompts.tokenizer().close();
    }
}
