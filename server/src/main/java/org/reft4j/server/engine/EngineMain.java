package org.reft4j.server.engine;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reft4j.ground.files.Json;
import org.reft4j.model.hub.HubException;
import org.reft4j.model.tokenizer.TokenizerException;
import org.reft4j.model.weights.FormatException;
import org.reft4j.model.weights.UnsupportedModelException;
import org.reft4j.server.http.ApiError;
import org.reft4j.template.TemplateException;
import org.reft4j.tensor.OutOfMemory;
import org.reft4j.train.ConfigException;

/** The engine's process: takes requests from standard input and answers on standard output. It ends when its input does. */
public final class EngineMain {
    private static final int FAULT = 3;

    private final Engine engine;
    private final DataOutputStream out;
    private final AtomicBoolean first = new AtomicBoolean();
    private final Set<Long> open = ConcurrentHashMap.newKeySet();
    private final Map<Long, SampleTask> tasks = new ConcurrentHashMap<>();

    private EngineMain(Engine engine, DataOutputStream out) {
        this.engine = engine;
        this.out = out;
    }

    /** Takes the settings of the engine: bytes of models, bytes of a cache, rows, type of products. */
    public static void main(String[] args) throws IOException {
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)));
        Thread.setDefaultUncaughtExceptionHandler((_, fault) -> {
            // A dead thread would leave its requests waiting for ever; a dead process is noticed.
            fault.printStackTrace();
            Runtime.getRuntime().halt(FAULT);
        });
        System.setOut(System.err); // a library that prints must not print into messages
        DataInputStream in = new DataInputStream(new BufferedInputStream(new FileInputStream(FileDescriptor.in)));
        EngineSettings settings = new EngineSettings(
                Long.parseLong(args[0]), Long.parseLong(args[1]), Integer.parseInt(args[2]), args[3]);
        try (Engine engine = new Engine(settings)) {
            EngineMain main = new EngineMain(engine, out);
            main.send(0, "ready", Json.PLAIN.createObjectNode());
            Optional<Frame> frame = Frame.read(in);
            while (frame.isPresent()) {
                main.take(frame.get());
                frame = Frame.read(in);
            }
        }
    }

    private void take(Frame frame) {
        long id = frame.head().path("id").asLong();
        switch (frame.head().path("op").asText()) {
            case "sample" -> {
                open.add(id);
                Thread.ofVirtual().start(() -> sample(id, frame));
            }
            // On this thread, since the order of a learner's verbs matters; the engine does them on its own.
            case "learn" -> learn(id, frame);
            case "cancel" -> {
                open.remove(id);
                Optional.ofNullable(tasks.remove(id)).ifPresent(SampleTask::leave);
            }
            default -> fail(id, ApiError.invalid("op", "The engine does not know this request."));
        }
    }

    private void learn(long id, Frame frame) {
        try {
            Verb verb = Json.PLAIN.treeToValue(frame.head().path("request"), Verb.class);
            var _ = verb.on(engine).whenComplete((answer, failure) -> {
                if (failure == null) {
                    send(id, "answer", Json.PLAIN.createObjectNode().set("answer", answer));
                } else {
                    Throwable cause = failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure;
                    fail(id, cause instanceof RuntimeException known ? known : new IllegalStateException(cause));
                }
            });
        } catch (IOException e) {
            fail(id, new UncheckedIOException(e));
        } catch (RuntimeException e) {
            fail(id, e);
        }
    }

    private void sample(long id, Frame frame) {
        try {
            SampleRequest request = Json.PLAIN.treeToValue(frame.head().path("request"), SampleRequest.class);
            SampleTask task = new SampleTask(
                    request, engine.texts(request.model()), event -> tell(id, event), why -> fail(id, why));
            tasks.put(id, task);
            if (!open.contains(id)) {
                tasks.remove(id);
                return; // cancelled before it began
            }
            task.start(engine);
        } catch (IOException e) {
            fail(id, new UncheckedIOException(e));
        } catch (RuntimeException e) {
            fail(id, e);
        }
    }

    private void tell(long id, SampleEvent event) {
        String name = switch (event) {
            case SampleEvent.Prompt _ -> "prompt";
            case SampleEvent.Text _ -> "text";
            case SampleEvent.Finish _ -> "finish";
            case SampleEvent.End _ -> "end";
        };
        if (event instanceof SampleEvent.End) {
            tasks.remove(id);
            open.remove(id);
        }
        if (event instanceof SampleEvent.Text && first.compareAndSet(false, true)) {
            long ms = System.currentTimeMillis()
                    - ManagementFactory.getRuntimeMXBean().getStartTime();
            System.err.println("reft: the engine's first token came " + ms + " ms after its start");
        }
        send(id, name, Json.PLAIN.valueToTree(event));
    }

    private void fail(long id, RuntimeException why) {
        tasks.remove(id);
        open.remove(id);
        ApiError error = refusal(why);
        ObjectNode head = Json.PLAIN.createObjectNode();
        head.put("status", error.status()).put("type", error.type());
        head.put("param", error.param()).put("code", error.code()).put("message", error.getMessage());
        send(id, "error", head);
    }

    /** A fault in the words of the API. */
    private static ApiError refusal(RuntimeException why) {
        if (why instanceof ApiError error) {
            return error;
        }
        if (why instanceof FormatException
                || why instanceof UnsupportedModelException
                || why instanceof TokenizerException
                || why instanceof TemplateException
                || why instanceof HubException
                || why instanceof ConfigException) {
            return new ApiError(
                    400, "invalid_request_error", "model", "model_not_usable", String.valueOf(why.getMessage()));
        }
        if (OutOfMemory.caused(why)) {
            return new ApiError(
                    503,
                    "server_error",
                    null,
                    "out_of_memory",
                    "The engine has no memory left for this; try a shorter request.");
        }
        why.printStackTrace();
        return new ApiError(500, "server_error", null, null, "The model failed: " + why.getMessage());
    }

    private void send(long id, String event, ObjectNode head) {
        head.put("id", id).put("event", event);
        try {
            new Frame(head).write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
