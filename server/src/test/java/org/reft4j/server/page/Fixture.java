package org.reft4j.server.page;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.reft4j.server.Server;
import org.reft4j.server.ServerSettings;
import org.reft4j.server.http.RequestLog;
import org.reft4j.train.measure.Evaluation;
import org.reft4j.train.rollout.KeptRollout;
import org.reft4j.train.rollout.KeptRollout.TokenTrace;
import org.reft4j.train.run.RunEvent;
import org.reft4j.train.run.RunFolder;

/** A service with small runs of the command line in its data folder, whose model wrote hostile texts. */
final class Fixture implements AutoCloseable {
    /** Would run, if a page took it for markup. */
    static final String HOSTILE = "</pre><script>alert('owned')</script><img src=x onerror=alert(1)>\"'`${1+1}";

    static final int STEPS = 12;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Server server;

    private Fixture(Server server) {
        this.server = server;
    }

    static Fixture over(Path data) throws IOException {
        run(data.resolve("first"), 0.9);
        run(data.resolve("grid").resolve("second"), 0.2);
        return serving(data);
    }

    static Fixture serving(Path data) {
        return serving(data, ServerSettings.of(data));
    }

    static Fixture serving(Path data, ServerSettings settings) {
        Server server = Server.start(data, settings.withPort(0), RequestLog.NONE);
        server.awaitReady();
        return new Fixture(server);
    }

    /** A run of {@link #STEPS} steps that pays the given reward, and less on validation. */
    static void run(Path folder, double reward) throws IOException {
        run(folder, reward, true);
    }

    /** @param ended false for a run that seems to go on */
    static void run(Path folder, double reward, boolean ended) throws IOException {
        Files.createDirectories(folder);
        try (RunFolder run =
                RunFolder.open(folder, "recipe: grpo\nname: " + HOSTILE.length() + "\n", Map.of(), false, List.of())) {
            run.emit(new RunEvent.Started(0, STEPS, "grpo"));
            for (int step = 1; step <= STEPS; step++) {
                run.emit(new RunEvent.RolledOut(
                        step,
                        List.of(
                                rollout(step, "q&1", 0, "The answer is " + step + ". " + HOSTILE, reward),
                                rollout(step, "q&1", 1, "No idea.", 0))));
                run.emit(new RunEvent.Stepped(
                        step,
                        STEPS,
                        Map.of(
                                "reward",
                                reward,
                                "length-mean",
                                7.0,
                                "kl-sequence",
                                60.0,
                                "grade/right",
                                0.5,
                                "truncated",
                                0.0),
                        Map.of("seconds", 2.0)));
            }
            run.emit(new RunEvent.Warned(3, HOSTILE));
            Evaluation.Answered answer = new Evaluation.Answered(
                    "v1", "What? " + HOSTILE, "42", HOSTILE, "wrong", HOSTILE, false, "end-of-text", reward / 2);
            run.emit(new RunEvent.Evaluated(STEPS, "validation", new Evaluation(List.of(answer), 9, 0.5)));
            run.checkpoint(STEPS, 0.25, made -> {
                try {
                    Files.writeString(made.resolve("config.json"), "{}");
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
            if (ended) {
                run.emit(new RunEvent.Finished(STEPS, RunEvent.Outcome.DONE));
            }
        }
    }

    static KeptRollout rollout(int step, String question, int sample, String completion, double reward) {
        return new KeptRollout(
                step,
                question,
                sample,
                "What is 6 times 7? " + HOSTILE,
                "42",
                null,
                completion,
                7,
                "scored",
                reward > 0.5,
                Optional.of(HOSTILE),
                reward,
                Map.of("right", reward),
                sample == 0 ? "end-of-text" : "length",
                Double.NaN,
                null,
                List.of(new TokenTrace("The", -0.1f, -0.2f, 0.5f, 1f), new TokenTrace(HOSTILE, -3f, -0.2f, 0.1f, -1f)));
    }

    HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address(path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String form) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(address(path))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form))
                        .build(),
                BodyHandlers.ofString());
    }

    HttpClient client() {
        return client;
    }

    Document page(String path) throws IOException, InterruptedException {
        return Jsoup.parse(get(path).body(), address(path).toString());
    }

    URI address(String path) {
        return URI.create(server.address() + path);
    }

    URI dashboard() {
        return server.dashboard();
    }

    /** Links of a page to other pages of this server, as paths. */
    List<String> links(Document page) {
        List<String> links = new ArrayList<>();
        page.select("a[href], link[href], script[src]").forEach(element -> {
            URI link = URI.create(element.absUrl(element.hasAttr("href") ? "href" : "src"));
            links.add(link.getRawPath() + (link.getRawQuery() == null ? "" : "?" + link.getRawQuery()));
        });
        return links;
    }

    @Override
    public void close() {
        server.close();
    }
}
