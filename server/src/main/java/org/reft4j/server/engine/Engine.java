package org.reft4j.server.engine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.reft4j.model.StoredModel;
import org.reft4j.model.decoder.adapters.AdaptedDecoder;
import org.reft4j.model.decoder.adapters.Adapters;
import org.reft4j.model.generate.Sampler;
import org.reft4j.model.generate.SamplingConfig;
import org.reft4j.server.http.ApiError;
import org.reft4j.tensor.Cpu;
import org.reft4j.tensor.FreedMemory;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Torch;

/**
 * Models in memory and one thread that runs them. Requests to sample join the batch of their model at any time; models take turns, a token
 * for every row each. Changes of an adapter's weights take turns with sampling by the time that either takes. What is asked of one model is
 * done in the order of asking. Models are loaded when they are asked for, and the one that was unused longest makes room.
 */
public final class Engine implements AutoCloseable {
    private static final String LEARNER = "learner/";
    /** Adapters that stay in memory for the next request to sample, while nobody samples from them. */
    private static final int IDLE_ADAPTERS = 16;

    private final EngineSettings settings;
    private final BlockingQueue<Runnable> inbox = new LinkedBlockingQueue<>();
    private final Map<Path, ModelTexts> texts = new ConcurrentHashMap<>();
    private final Idempotence futures = new Idempotence();
    private final Thread thread;

    // Of the engine's thread alone.
    private final Map<Path, SharedModel> bases = new LinkedHashMap<>();
    private final Map<String, LiveModel> models = new LinkedHashMap<>();
    private final Turns turns = new Turns();
    private boolean closed;

    public Engine(EngineSettings settings) {
        this.settings = settings;
        this.thread = Thread.ofPlatform().name("engine").daemon().start(this::run);
    }

    /** Tokenizer and chat template of a model, on the caller's thread. */
    ModelTexts texts(String model) {
        StoredModel stored = ModelTexts.open(model);
        return texts.computeIfAbsent(ModelTexts.key(stored), _ -> ModelTexts.read(stored));
    }

    /**
     * Samples from a model.
     *
     * @param model a folder, a file, a run's folder, a name on the hub, or a learner of {@link #create}
     * @param answers one for each draw; told by the engine's thread
     */
    public void sample(String model, List<Sampler.Draw> draws, SamplingConfig config, List<? extends Answer> answers) {
        tell(() -> {
            try {
                live(model).ask(draws, config, answers);
            } catch (RuntimeException e) {
                answers.forEach(answer -> answer.failed(e));
            }
        });
    }

    /** Makes a learner: a new adapter on a base. Its name is the result. */
    public CompletableFuture<String> create(Request request, String base, NewAdapter adapter) {
        return once(request, () -> create(name(request), base, adapter));
    }

    private static String name(Request request) {
        return LEARNER + request.session() + "/" + request.seq();
    }

    /** Makes a learner of a given name, which begins with {@code learner/}. */
    CompletableFuture<String> create(String name, String base, NewAdapter adapter) {
        return call(() -> {
            SharedModel loaded = base(ModelTexts.open(base));
            return learning(name, adapter.on(loaded));
        });
    }

    /** Makes a learner from what {@link Tutor#save} wrote. */
    public CompletableFuture<String> restore(Request request, Path folder) {
        return once(request, () -> restore(name(request), folder, true));
    }

    /** The same of a given name; without {@code optimizer} its state begins at nothing. */
    CompletableFuture<String> restore(String name, Path folder, boolean optimizer) {
        return call(() -> {
            SharedModel loaded = base(ModelTexts.open(folder.toString()));
            return learning(name, NewAdapter.restored(loaded, folder, optimizer));
        });
    }

    private String learning(String name, LiveModel learner) {
        models.put(name, learner);
        while (used() > settings.memoryBytes()) {
            if (!unloadOne()) {
                models.remove(name);
                learner.close();
                throw new ApiError(
                        503,
                        "server_error",
                        "lora_config",
                        "no_memory_for_learner",
                        "This learner needs " + mebibytes(learner.bytes()) + " beside its base, and models may take "
                                + mebibytes(settings.memoryBytes())
                                + " here, which others use; end one of them, or take a smaller rank.");
            }
        }
        return name;
    }

    private static String mebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1 << 20) + " MiB";
    }

    /** Does something to a learner, after what was asked of it before. */
    public <T> CompletableFuture<T> learn(Request request, String learner, Function<Tutor, T> verb) {
        return once(request, () -> learn(learner, verb));
    }

    /** The same of a request that nobody sends twice. */
    <T> CompletableFuture<T> learn(String learner, Function<Tutor, T> verb) {
        CompletableFuture<T> result = new CompletableFuture<>();
        tell(() -> {
            LiveModel model = models.get(learner);
            if (model == null || !model.learns()) {
                result.completeExceptionally(unknown(learner));
                return;
            }
            model.change(
                    () -> {
                        try {
                            result.complete(verb.apply(new Tutor(model)));
                        } catch (RuntimeException e) {
                            result.completeExceptionally(e);
                        }
                    },
                    result::completeExceptionally);
        });
        return result;
    }

    /** Forgets a learner, or unloads a model. */
    public CompletableFuture<Boolean> unload(String model) {
        return call(() -> {
            LiveModel known = models.remove(model);
            if (known != null) {
                known.fail(unknown(model));
                known.close();
            }
            return known != null;
        });
    }

    private static ApiError unknown(String learner) {
        return ApiError.missing(
                "model",
                "model_not_found",
                "There is no learner " + learner + "; make one first, or load what was saved of it.");
    }

    /**
     * The place of a request among those of its session. The same request gets the same future.
     *
     * @param seq its number in the session
     */
    public record Request(String session, long seq) {}

    private <T> CompletableFuture<T> once(Request request, Supplier<CompletableFuture<T>> work) {
        return futures.once(request, work);
    }

    private <T> CompletableFuture<T> call(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        tell(() -> {
            try {
                result.complete(work.get());
            } catch (RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    /** The device that models are on, or the processor. */
    private Place place() {
        return bases.values().stream()
                .map(SharedModel::place)
                .filter(place -> !place.isHost())
                .findFirst()
                .orElse(Place.HOST);
    }

    private void tell(Runnable task) {
        inbox.add(task);
    }

    private void run() {
        Torch.start();
        try {
            while (!closed) {
                for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
                    task.run();
                }
                if (!closed && !turns.next(List.copyOf(models.values()))) {
                    FreedMemory.giveBack(place()); // caches of every length
                    inbox.take().run();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            models.values().forEach(model -> {
                model.fail(new ApiError(503, "server_error", null, null, "The engine ends; send the request again."));
                model.close();
            });
            bases.values().forEach(SharedModel::close);
        }
    }

    /** The model of a name, loaded if it is not. */
    private LiveModel live(String name) {
        LiveModel known = models.get(name);
        if (known != null) {
            return known;
        }
        if (name.startsWith(LEARNER)) {
            throw unknown(name);
        }
        StoredModel stored = ModelTexts.open(name);
        SharedModel base = base(stored);
        if (idle().count() >= IDLE_ADAPTERS) {
            boolean _ = closeOldest();
        }
        AdaptedDecoder decoder = stored.adapter()
                .map(folder -> Adapters.beside(base.decoder(), folder))
                .orElse(base.decoder());
        LiveModel model = new LiveModel(base, decoder, null);
        models.put(name, model);
        return model;
    }

    private SharedModel base(StoredModel stored) {
        Path key = ModelTexts.key(stored);
        SharedModel known = bases.get(key);
        if (known != null) {
            return known;
        }
        ModelTexts read = texts.computeIfAbsent(key, _ -> ModelTexts.read(stored));
        makeRoom(SharedModel.bytes(read, settings));
        SharedModel base = SharedModel.load(read, settings);
        bases.put(key, base);
        return base;
    }

    /** Unloads what was unused longest until a base fits. */
    private void makeRoom(long bytes) {
        if (bytes > settings.memoryBytes()) {
            throw ApiError.invalid(
                    "model",
                    "This model needs " + (bytes >> 20) + " MiB of memory, and models may take "
                            + (settings.memoryBytes() >> 20) + " MiB here; take a smaller one.");
        }
        while (used() + bytes > settings.memoryBytes() || bytes > Cpu.availableBytes()) {
            if (!unloadOne()) {
                throw new ApiError(
                        503,
                        "server_error",
                        "model",
                        "model_not_loaded",
                        "Other models or jobs are at work and leave no memory for this one; try again later.");
            }
        }
    }

    private long used() {
        return bases.values().stream().mapToLong(SharedModel::bytes).sum()
                + models.values().stream().mapToLong(LiveModel::bytes).sum();
    }

    private boolean unloadOne() {
        for (SharedModel base : new ArrayList<>(bases.values())) {
            if (models.values().stream().noneMatch(model -> model.base() == base)) {
                bases.values().remove(base);
                base.close();
                return true;
            }
        }
        return closeOldest();
    }

    private Stream<Map.Entry<String, LiveModel>> idle() {
        return models.entrySet().stream()
                .filter(entry -> entry.getValue().isIdle() && !entry.getValue().learns());
    }

    private boolean closeOldest() {
        Optional<Map.Entry<String, LiveModel>> oldest =
                idle().min(Comparator.comparingLong(entry -> entry.getValue().lastUsed()));
        oldest.ifPresent(entry -> {
            models.remove(entry.getKey());
            entry.getValue().close();
        });
        return oldest.isPresent();
    }

    /** Names of the models in memory. */
    public CompletableFuture<List<String>> loaded() {
        return call(() -> List.copyOf(models.keySet()));
    }

    @Override
    public void close() {
        tell(() -> closed = true);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        texts.values().forEach(each -> each.tokenizer().close());
    }
}
