package org.reft4j.server.tinker;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.reft4j.ground.files.Json;
import org.reft4j.server.RunningServer;

/** A client of Tinker's API as the SDK speaks it. */
final class TinkerClient {
    private final RunningServer server;
    private final String key;

    TinkerClient(RunningServer server, String key) {
        this.server = server;
        this.key = key;
    }

    HttpRequest.Builder request(String path) {
        return server.request("/api/v1/" + path).header("X-API-Key", key);
    }

    RunningServer.Answer get(String path) {
        return server.send(request(path).build());
    }

    RunningServer.Answer post(String path, String json) {
        return server.send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                .build());
    }

    /** The reply to a request that must be taken. */
    JsonNode ok(String path, String json) {
        RunningServer.Answer answer = post(path, json);
        if (answer.status() != 200) {
            throw new AssertionError(path + " answered " + answer.status() + " " + answer.text());
        }
        return answer.body();
    }

    String session() {
        return ok("create_session", "{'tags': [], 'sdk_version': '0.38.0', 'user_metadata': {'a': 'b'}}")
                .path("session_id")
                .asText();
    }

    /** Makes a learner; its model id. */
    String model(String session, int number, long seed) {
        return done(ok(
                        "create_model",
                        "{'session_id': '" + session + "', 'model_seq_id': " + number
                                + ", 'base_model': 'tiny', 'lora_config': {'rank': 2, 'seed': " + seed + "}}"))
                .path("model_id")
                .asText();
    }

    /** The JSON answer to a future. */
    JsonNode done(JsonNode future) {
        try {
            return Json.PLAIN.readTree(bytes(future.path("request_id").asText()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A datum: tokens with one target each, and further vectors. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Datum(int[] tokens, int[] targets, Map<String, float[]> inputs) {
        /** One whose targets are the tokens that follow. */
        Datum(int[] tokens, Map<String, float[]> inputs) {
            this(tokens, Arrays.copyOfRange(tokens, 1, tokens.length), inputs);
        }
    }

    record Output(List<float[]> logprobs, Map<String, Double> metrics) {
        double metric(String name) {
            return Objects.requireNonNull(metrics.get(name), name);
        }
    }

    RunningServer.Answer teach(
            String model, int seq, String loss, boolean forward, Map<String, Double> settings, List<Datum> data) {
        byte[] body = written(out -> {
            out.writeString(1, model);
            out.writeInt32(2, seq);
            for (Datum datum : data) {
                out.writeByteArray(3, datum(datum));
            }
            out.writeString(4, loss);
            out.writeBool(6, forward);
            for (Map.Entry<String, Double> each : settings.entrySet()) {
                out.writeByteArray(5, written(entry -> {
                    entry.writeString(1, each.getKey());
                    entry.writeDouble(2, each.getValue());
                }));
            }
        });
        return server.send(request("forward_backward")
                .header("Content-Type", Wire.TYPE)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    /** The output of a forward and backward that must be taken. */
    Output taught(String model, int seq, String loss, boolean forward, Map<String, Double> settings, List<Datum> data) {
        RunningServer.Answer answer = teach(model, seq, loss, forward, settings, data);
        if (answer.status() != 200) {
            throw new AssertionError(answer.text());
        }
        return output(bytes(answer.body().path("request_id").asText()));
    }

    private static byte[] datum(Datum datum) {
        int length = datum.tokens().length - 1;
        byte[] input = Wire.little(length * Integer.BYTES, all -> {
            for (int i = 0; i < length; i++) {
                all.putInt(datum.tokens()[i]);
            }
        });
        byte[] targets = Wire.little(length * Long.BYTES, all -> {
            for (int i = 0; i < length; i++) {
                all.putLong(datum.targets()[i]);
            }
        });
        return written(out -> {
            out.writeByteArray(
                    1, written(chunk -> chunk.writeByteArray(1, written(text -> text.writeByteArray(1, input)))));
            out.writeByteArray(2, tensor("target_tokens", targets, 2, length));
            for (Map.Entry<String, float[]> each : datum.inputs().entrySet()) {
                byte[] values = Wire.little(each.getValue().length * Float.BYTES, all -> {
                    for (float value : each.getValue()) {
                        all.putFloat(value);
                    }
                });
                out.writeByteArray(2, tensor(each.getKey(), values, 1, each.getValue().length));
            }
        });
    }

    private static byte[] tensor(String name, byte[] values, int type, int length) {
        return written(entry -> {
            entry.writeString(1, name);
            entry.writeByteArray(2, written(tensor -> {
                tensor.writeByteArray(1, values);
                tensor.writeEnum(3, type);
                tensor.writeByteArray(4, written(shape -> shape.writeInt64NoTag(length)));
            }));
        });
    }

    private static Output output(byte[] bytes) {
        List<float[]> logprobs = new ArrayList<>();
        Map<String, Double> metrics = new HashMap<>();
        for (byte[] record : messages(bytes, 2)) {
            for (byte[] field : messages(record, 2)) {
                byte[] tensor = messages(field, 2).getFirst();
                byte[] data = messages(tensor, 1).getFirst();
                ByteBuffer offsets =
                        ByteBuffer.wrap(messages(tensor, 2).getFirst()).order(ByteOrder.LITTLE_ENDIAN);
                for (int i = 0; i + 1 < offsets.capacity() / Long.BYTES; i++) {
                    int from = (int) offsets.getLong(i * Long.BYTES);
                    int to = (int) offsets.getLong((i + 1) * Long.BYTES);
                    logprobs.add(floats(data, from, to - from));
                }
            }
        }
        for (byte[] entry : messages(bytes, 3)) {
            metrics.put(
                    new String(messages(entry, 1).getFirst(), java.nio.charset.StandardCharsets.UTF_8), number(entry));
        }
        return new Output(logprobs, metrics);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sample(int stop, int[] tokens, float[] logprobs) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sampled(List<Sample> samples, float[] prompt) {}

    /** What was sampled. */
    Sampled sampled(String id) {
        byte[] bytes = bytes(id);
        List<Sample> samples = new ArrayList<>();
        for (byte[] each : messages(bytes, 1)) {
            byte[] tokens = messages(each, 2).getFirst();
            int[] ids = new int[tokens.length / Integer.BYTES];
            ByteBuffer.wrap(tokens).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ids);
            byte[] logprobs = messages(each, 3).getFirst();
            samples.add(new Sample(0, ids, floats(logprobs, 0, logprobs.length)));
        }
        List<byte[]> prompt = messages(bytes, 2);
        byte[] scores = prompt.isEmpty() ? new byte[0] : prompt.getFirst();
        return new Sampled(samples, floats(scores, 0, scores.length));
    }

    private static float[] floats(byte[] bytes, int from, int length) {
        float[] floats = new float[length / Float.BYTES];
        ByteBuffer.wrap(bytes, from, length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(floats);
        return floats;
    }

    /** The answer to a future, asked for until it is there. */
    byte[] bytes(String id) {
        while (true) {
            HttpRequest request = request("retrieve_future")
                    .header("Accept", Wire.TYPE)
                    .POST(HttpRequest.BodyPublishers.ofString("{\"request_id\": \"" + id + "\"}"))
                    .build();
            HttpResponse<byte[]> response = plain(request);
            if (response.statusCode() == 200) {
                return response.body();
            }
            if (response.statusCode() != 408) {
                throw new AssertionError(response.statusCode() + " "
                        + new String(response.body(), java.nio.charset.StandardCharsets.UTF_8));
            }
        }
    }

    private static HttpResponse<byte[]> plain(HttpRequest request) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The values of a field of bytes. */
    static List<byte[]> messages(byte[] bytes, int field) {
        List<byte[]> found = new ArrayList<>();
        try {
            CodedInputStream in = CodedInputStream.newInstance(bytes);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag >>> 3 == field && (tag & 7) == 2) {
                    found.add(in.readByteArray());
                } else {
                    boolean _ = in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    private static double number(byte[] entry) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(entry);
            int _ = in.readTag();
            byte[] _ = in.readByteArray();
            return in.readTag() == 0 ? 0 : in.readDouble();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the fields of one message. */
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] written(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
