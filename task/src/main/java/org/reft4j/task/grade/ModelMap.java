package org.reft4j.task.grade;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.reft4j.task.judge.ChatModel;
import org.reft4j.task.judge.EmbeddingModel;
import org.reft4j.task.judge.JsonService;
import org.reft4j.task.judge.OpenAiEmbedding;
import org.reft4j.task.judge.OpenAiModel;
import org.reft4j.task.judge.Pauses;

/**
 * Models that judge, by the names that grader objects know: these may name models that no longer exist, or that somebody else has. An entry
 * called {@value #DEFAULT} stands for every other name. Counts the tokens that each name costs. Safe for many threads.
 */
public final class ModelMap {
    /** The name of the entry for all other names. */
    public static final String DEFAULT = "*";

    /** No model at all. */
    public static final ModelMap NONE = new ModelMap(Map.of(), Map.of(), Map.of());

    /** Larger than any judgement or pair of embeddings. */
    private static final int LARGEST_REPLY = 4 << 20;

    private static final int RETRIES = 3;
    private static final int CONCURRENCY = 8;

    /** For the default entry the name matters. */
    private final Map<String, Function<String, ChatModel>> chat;

    private final Map<String, EmbeddingModel> embeddings;
    private final Map<String, StepModel> steps;
    private final Map<String, ChatModel.Usage> usage = new ConcurrentHashMap<>();

    private ModelMap(
            Map<String, Function<String, ChatModel>> chat,
            Map<String, EmbeddingModel> embeddings,
            Map<String, StepModel> steps) {
        this.chat = chat;
        this.embeddings = embeddings;
        this.steps = steps;
    }

    /**
     * Reads an object of entries {@code "name": {"url": ..., "model": ..., "key-env": ..., "concurrency": ..., "rate-limit": ...}}.
     *
     * @param place what to call the object in messages, such as {@code models}
     * @param environment the value of an environment variable, {@code null} where it is not set
     * @throws GraderException if the object is wrong or a key is not set
     */
    public static ModelMap of(JsonNode models, String place, Function<String, @Nullable String> environment) {
        return of(models, place, environment, Pauses.REAL);
    }

    public static ModelMap of(
            JsonNode models, String place, Function<String, @Nullable String> environment, Pauses time) {
        if (!(models instanceof ObjectNode entries)) {
            throw new GraderException(
                    place + " is " + GraderFields.shown(models) + "; expected an object of models by their names");
        }
        Map<String, Function<String, ChatModel>> chat = new HashMap<>();
        Map<String, EmbeddingModel> embeddings = new HashMap<>();
        GraderFields names = GraderFields.plain(entries, place);
        for (Map.Entry<String, JsonNode> entry : entries.properties()) {
            String name = entry.getKey();
            GraderFields fields = names.inner(name).orElseThrow(() -> names.fault(name, "is null", "give it a url"));
            Endpoint endpoint = Endpoint.read(fields, environment, time);
            String model = fields.optionalText("model").orElse(name);
            boolean asNamed = name.equals(DEFAULT) && fields.value("model").isEmpty();
            fields.requireNothingElse();
            JsonService completions = endpoint.at("/chat/completions");
            chat.put(name, asked -> new OpenAiModel(completions, asNamed ? asked : model));
            embeddings.put(name, new OpenAiEmbedding(endpoint.at("/embeddings"), model));
        }
        embeddings.remove(DEFAULT);
        return new ModelMap(chat, embeddings, Map.of());
    }

    /**
     * The same with one more model, or another one under this name.
     *
     * @param name as grader objects have it, or {@value #DEFAULT}
     */
    public ModelMap with(String name, ChatModel model) {
        Map<String, Function<String, ChatModel>> more = new HashMap<>(chat);
        more.put(name, _ -> model);
        return new ModelMap(more, embeddings, steps);
    }

    /** The same with a model for {@code cosine}. */
    public ModelMap withEmbedding(String name, EmbeddingModel model) {
        Map<String, EmbeddingModel> more = new HashMap<>(embeddings);
        more.put(name, model);
        return new ModelMap(chat, more, steps);
    }

    /** The same with a model that judges steps. */
    public ModelMap withSteps(String name, StepModel model) {
        Map<String, StepModel> more = new HashMap<>(steps);
        more.put(name, model);
        return new ModelMap(chat, embeddings, more);
    }

    /** The same models, whose tokens are counted apart from now on. */
    public ModelMap apart() {
        return new ModelMap(chat, embeddings, steps);
    }

    /** The model of this name; none stands for all, since one that chats judges no steps. */
    public Optional<StepModel> steps(String name) {
        return Optional.ofNullable(steps.get(name));
    }

    /** The model of this name, else the default one. */
    public Optional<ChatModel> chat(String name) {
        return Optional.ofNullable(chat.getOrDefault(name, chat.get(DEFAULT)))
                .map(entry -> counted(name, entry.apply(name)));
    }

    /** The model of this name; none stands for all, since one that chats need not embed. */
    public Optional<EmbeddingModel> embedding(String name) {
        return Optional.ofNullable(embeddings.get(name));
    }

    /** The mapped names in order, or that there are none, for people. */
    public String names() {
        return sortedNames().isEmpty() ? "nothing" : String.join(", ", sortedNames());
    }

    /** Tokens so far, by the names in grader objects. */
    public Map<String, ChatModel.Usage> usage() {
        return new TreeMap<>(usage);
    }

    private Set<String> sortedNames() {
        Set<String> names = new TreeSet<>(chat.keySet());
        names.addAll(embeddings.keySet());
        names.addAll(steps.keySet());
        return names;
    }

    private ChatModel counted(String name, ChatModel model) {
        return request -> {
            ChatModel.Reply reply = model.ask(request);
            usage.merge(name, reply.usage(), ChatModel.Usage::plus);
            return reply;
        };
    }

    /** Address of a model's server, with headers and limits of requests. */
    private record Endpoint(String url, Map<String, String> headers, JsonService.Limits limits, Pauses time) {
        static Endpoint read(GraderFields fields, Function<String, @Nullable String> environment, Pauses time) {
            String url = HttpAddress.of(fields, "url").toString().replaceAll("/+$", "");
            if (url.endsWith("/chat/completions") || url.endsWith("/embeddings")) {
                throw fields.fault(
                        "url",
                        "is \"" + url + "\"",
                        "expected what comes before that, such as http://localhost:8000/v1");
            }
            Map<String, String> headers = new HashMap<>();
            fields.optionalText("key-env")
                    .ifPresent(
                            variable -> headers.put("Authorization", "Bearer " + key(fields, variable, environment)));
            JsonService.Limits limits = new JsonService.Limits(
                    (int) fields.whole("concurrency", CONCURRENCY, 1, 1000),
                    HttpAddress.rate(fields, "rate-limit"),
                    RETRIES,
                    LARGEST_REPLY);
            return new Endpoint(url, headers, limits, time);
        }

        private static String key(
                GraderFields fields, String variable, Function<String, @Nullable String> environment) {
            String key = environment.apply(variable);
            if (key == null || key.isBlank()) {
                throw fields.fault(
                        "key-env",
                        "names the environment variable " + variable + ", which is not set",
                        "set it to the key, or leave key-env out");
            }
            return key.strip();
        }

        JsonService at(String path) {
            return new JsonService(URI.create(url + path), headers, limits, time);
        }
    }
}
