package org.reft4j.server.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.reft4j.ground.files.Json;

/** A page in Chromium without a window, driven by the DevTools protocol. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
    private String session = "";

    private Browser(Process process, URI address) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Incoming())
                .join();
    }

    /** The browser of this machine; empty where there is none. */
    static Optional<Path> installed() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** @param profile a folder of its own */
    static Browser start(Path program, Path profile) throws IOException {
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox", // it opens pages of this test only, and in a container it could not start with
                        // one
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher matcher = LISTENING.matcher(line);
            if (matcher.find()) {
                Thread.ofPlatform().daemon().start(() -> drain(lines));
                Browser browser = new Browser(process, URI.create(matcher.group(1)));
                browser.attach();
                return browser;
            }
        }
        throw new IOException(program + " ended without listening");
    }

    /** Its messages would fill a pipe that nobody reads. */
    private static void drain(BufferedReader lines) {
        lines.lines().forEach(_ -> {});
    }

    private void attach() {
        String target = ask("Target.createTarget", Json.PLAIN.createObjectNode().put("url", "about:blank"))
                .path("targetId")
                .asText();
        session = ask(
                        "Target.attachToTarget",
                        Json.PLAIN.createObjectNode().put("targetId", target).put("flatten", true))
                .path("sessionId")
                .asText();
        List.of("Page.enable", "Runtime.enable", "Log.enable").forEach(this::ask);
    }

    private JsonNode ask(String method) {
        return ask(method, Json.PLAIN.createObjectNode());
    }

    private JsonNode ask(String method, ObjectNode parameters) {
        int id = numbers.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        asked.put(id, answer);
        ObjectNode message = Json.PLAIN.createObjectNode().put("id", id).put("method", method);
        message.set("params", parameters);
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        socket.sendText(message.toString(), true).join();
        try {
            JsonNode found = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (found.has("error")) {
                throw new AssertionError(method + ": " + found.path("error"));
            }
            return found.path("result");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(method + " was not answered", e);
        }
    }

    /** Opens a page and waits until it is loaded and its scripts have run. */
    void open(URI page) {
        eval("window.left = true");
        ask("Page.navigate", Json.PLAIN.createObjectNode().put("url", page.toString()));
        loaded();
    }

    /** Waits for another page than the one that {@link #leaving} was called on. */
    void loaded() {
        await("!window.left && document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /** To be called before a key or a click that leads to another page. */
    void leaving() {
        eval("window.left = true");
    }

    /** The value of an expression; of a promise, what it becomes. */
    JsonNode eval(String expression) {
        JsonNode answer = ask(
                "Runtime.evaluate",
                Json.PLAIN
                        .createObjectNode()
                        .put("expression", expression)
                        .put("returnByValue", true)
                        .put("awaitPromise", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(expression.substring(0, Math.min(200, expression.length())) + ": "
                    + answer.path("exceptionDetails"));
        }
        return answer.at("/result/value");
    }

    /** Waits until an expression is true; while a page changes to another it may fail. */
    void await(String condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            if (eval("(() => { try { return Boolean(" + condition + "); } catch { return false; } })()")
                    .asBoolean()) {
                return;
            }
            try {
                Thread.sleep(25);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
        throw new AssertionError("not within " + PATIENCE.toSeconds() + " s: " + condition + "\n"
                + eval("document.body.innerText").asText());
    }

    void size(int width, int height) {
        ask(
                "Emulation.setDeviceMetricsOverride",
                Json.PLAIN
                        .createObjectNode()
                        .put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
    }

    /** @param shade {@code light} or {@code dark}, as the system would want it */
    void shade(String shade) {
        ObjectNode media = Json.PLAIN.createObjectNode();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", shade);
        ask("Emulation.setEmulatedMedia", media);
    }

    /** Presses a key, such as {@code j} or {@code Enter}. */
    void press(String key) {
        ObjectNode down = Json.PLAIN.createObjectNode().put("type", "keyDown").put("key", key);
        if (key.equals("Enter")) {
            down.put("text", "\r").put("windowsVirtualKeyCode", 13).put("code", key);
        } else if (key.length() == 1) {
            down.put("text", key);
        }
        ask("Input.dispatchKeyEvent", down);
        ask(
                "Input.dispatchKeyEvent",
                Json.PLAIN.createObjectNode().put("type", "keyUp").put("key", key));
    }

    /** Errors of scripts, of the console and of the policy since it was last asked. */
    List<String> complaints() {
        List<String> found = List.copyOf(complaints);
        complaints.clear();
        return found;
    }

    private void happened(String method, JsonNode parameters) {
        switch (method) {
            case "Runtime.exceptionThrown" ->
                complaints.add(
                        parameters.at("/exceptionDetails/exception/description").asText());
            case "Log.entryAdded" -> {
                if (parameters.at("/entry/level").asText().equals("error")) {
                    complaints.add(parameters.at("/entry/source").asText() + ": "
                            + parameters.at("/entry/text").asText() + " "
                            + parameters.at("/entry/url").asText());
                }
            }
            case "Runtime.consoleAPICalled" -> {
                if (parameters.path("type").asText().equals("error")) {
                    complaints.add("console: " + parameters.path("args"));
                }
            }
            default -> {}
        }
    }

    /** Puts messages together, and answers to their questions. */
    private final class Incoming implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
            message.append(text);
            if (last) {
                try {
                    JsonNode read = Json.PLAIN.readTree(message.toString());
                    if (read.has("id")) {
                        CompletableFuture<JsonNode> answer =
                                asked.remove(read.path("id").asInt());
                        if (answer != null) {
                            answer.complete(read);
                        }
                    } else {
                        happened(read.path("method").asText(), read.path("params"));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } finally {
                    message.setLength(0);
                }
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    @Override
    public void close() {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
