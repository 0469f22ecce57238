package org.reft4j.server.tinker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.reft4j.server.RunningServer;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.access.Keys;
import org.reft4j.server.engine.TinyModel;
import org.reft4j.server.http.Caller;
import org.reft4j.server.store.Database;
import org.reft4j.server.tinker.TinkerClient.Datum;
import org.reft4j.server.tinker.TinkerClient.Output;

/** A server of a tiny model, with clients of two projects. */
record TinkerService(RunningServer server, TinkerClient client, TinkerClient stranger, Path model)
        implements AutoCloseable {
    /** The optimiser's settings of a step. */
    static final String ADAM =
            "'adam_params': {'learning_rate': 0.01, 'beta1': 0.9, 'beta2': 0.95, 'eps': 1e-12, 'weight_decay': 0, 'grad_clip_norm': 0}";

    static final int[] TOKENS = {5, 6, 7, 8, 9};

    static TinkerService start(Path folder) {
        Path model = TinyModel.write(folder.resolve("model"), 1);
        ServerSettings defaults = ServerSettings.DEFAULTS;
        ServerSettings settings = defaults.withModels(Map.of("tiny", model.toString()));
        RunningServer server = RunningServer.start(folder.resolve("data"), settings);
        try (Database database = Server.database(folder.resolve("data"), defaults)) {
            Keys keys = new Keys(database);
            return new TinkerService(server, client(server, keys, "one"), client(server, keys, "two"), model);
        }
    }

    private static TinkerClient client(RunningServer server, Keys keys, String project) {
        return new TinkerClient(
                server,
                keys.create(project, "of " + project, Caller.Role.WRITE, Keys.Style.TINKER)
                        .secret());
    }

    static String path(String id, String rest) {
        return "{'model_id': '" + id + "', " + rest + "}";
    }

    static Datum weighted(int[] tokens, float weight) {
        float[] weights = new float[tokens.length - 1];
        Arrays.fill(weights, weight);
        return new Datum(tokens, Map.of("weights", weights));
    }

    /** Scores of tokens under the weights as they are. */
    Output forward(String id, int seq, int... tokens) {
        return client.taught(id, seq, "cross_entropy", true, Map.of(), List.of(weighted(tokens, 1)));
    }

    static void assertRefused(int status, String word, RunningServer.Answer answer) {
        assertEquals(status, answer.status(), answer::text);
        assertTrue(answer.body().at("/error/message").asText().contains(word), answer::text);
    }

    @Override
    public void close() {
        server.close();
    }
}
