package org.reft4j.server.engine;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.reft4j.ground.files.Json;
import org.reft4j.server.http.ApiError;
import org.reft4j.train.learn.Lesson;
import org.reft4j.train.settings.LoraConfig;
import org.reft4j.train.settings.OptimizerConfig;

/** Work on a learner, on its way to the engine's process. Verbs of one learner are done in the order in which they are sent. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "verb")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Verb.Create.class, name = "create"),
    @JsonSubTypes.Type(value = Verb.Restore.class, name = "restore"),
    @JsonSubTypes.Type(value = Verb.Teach.class, name = "teach"),
    @JsonSubTypes.Type(value = Verb.Step.class, name = "step"),
    @JsonSubTypes.Type(value = Verb.Save.class, name = "save"),
    @JsonSubTypes.Type(value = Verb.Load.class, name = "load"),
    @JsonSubTypes.Type(value = Verb.Unload.class, name = "unload")
})
public sealed interface Verb {
    /** The name of the caller's choice. */
    String learner();

    /** Makes a learner on a base model. */
    record Create(String learner, String base, LoraConfig lora, long seed) implements Verb {}

    /** Makes a learner from a folder that {@link Save} wrote; without {@code optimizer} its moments begin at nothing. */
    record Restore(String learner, String folder, boolean optimizer) implements Verb {}

    /** Adds gradients. The answer is a {@link Lesson.Marks}. */
    record Teach(String learner, Lesson lesson) implements Verb {}

    /** Moves the weights. The answer has the {@code norm} of the gradients. */
    record Step(String learner, double rate, OptimizerConfig settings) implements Verb {}

    /** Writes weights and, if it is wanted, the optimiser's state. */
    record Save(String learner, String folder, boolean optimizer) implements Verb {}

    /** Puts the weights of a folder in the place of the learner's own. */
    record Load(String learner, String folder, boolean optimizer) implements Verb {}

    /** Forgets a learner, or a model that was loaded to sample. */
    record Unload(String learner) implements Verb {}

    /** Puts it to the engine. */
    default CompletableFuture<ObjectNode> on(Engine engine) {
        return switch (this) {
            case Create create ->
                engine.create(
                                create.learner(),
                                create.base(),
                                new NewAdapter(create.lora(), create.seed(), NewAdapter.MICRO_BATCH_TOKENS))
                        .thenApply(_ -> said(Map.of()));
            case Restore restore ->
                engine.restore(restore.learner(), Path.of(restore.folder()), restore.optimizer())
                        .thenApply(_ -> said(Map.of()));
            case Teach teach ->
                engine.learn(teach.learner(), tutor -> tutor.teach(teach.lesson()))
                        .thenApply(Verb::said);
            case Step step ->
                engine.learn(step.learner(), tutor -> tutor.optimStep(step.rate(), step.settings()))
                        .thenApply(norm -> said(Map.of("norm", norm)));
            case Save save ->
                engine.learn(save.learner(), tutor -> tutor.save(Path.of(save.folder()), save.optimizer()))
                        .thenApply(_ -> said(Map.of()));
            case Load load ->
                engine.learn(load.learner(), tutor -> tutor.load(Path.of(load.folder()), load.optimizer()))
                        .thenApply(_ -> said(Map.of()));
            case Unload unload -> engine.unload(unload.learner()).thenApply(known -> said(Map.of("known", known)));
        };
    }

    private static ObjectNode said(Object answer) {
        JsonNode json = Json.PLAIN.valueToTree(answer);
        if (json instanceof ObjectNode object) {
            return object;
        }
        throw new ApiError(500, "server_error", null, null, "The engine said something that is no object: " + json);
    }
}
