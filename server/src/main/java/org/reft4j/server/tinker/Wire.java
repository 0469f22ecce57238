package org.reft4j.server.tinker;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.reft4j.server.engine.SampleEvent;
import org.reft4j.server.engine.SampleEvent.TokenText;
import org.reft4j.server.http.ApiError;
import org.reft4j.train.learn.Lesson;

/**
 * The three messages that Tinker's clients send and read as protobuf ({@code tinker_public}, as of tinker 0.38). Vectors lie in their
 * fields as little-endian bytes.
 */
final class Wire {
    static final String TYPE = "application/x-protobuf";
    private static final int FLOAT32 = 1;
    private static final int INT64 = 2;
    private static final int INT32 = 3;
    /** Empty cells of a table of likeliest tokens. */
    private static final float NO_LOGPROB = -99_999;

    private Wire() {}

    /** A request for forward and backward; {@code inputs} of a datum are vectors by their names. */
    record Request(
            String model, long seq, List<Datum> data, String loss, Map<String, Double> settings, boolean forward) {}

    @SuppressWarnings("ArrayRecordComponent") // read once
    record Datum(int[] tokens, Map<String, double[]> inputs) {}

    /** @throws ApiError if it is no such message, or holds what this server does not do */
    static Request request(byte[] bytes) {
        Reading reading = new Reading();
        try {
            message(bytes, reading::field);
        } catch (IOException e) {
            throw ApiError.invalid(null, "The body is no ForwardBackwardRequest in protobuf: " + e.getMessage());
        }
        return new Request(reading.model, reading.seq, reading.data, reading.loss, reading.settings, reading.forward);
    }

    /** The fields of a request, as they come. */
    private static final class Reading {
        private String model = "";
        private long seq;
        private final List<Datum> data = new ArrayList<>();
        private String loss = "";
        private final Map<String, Double> settings = new HashMap<>();
        private boolean forward;

        boolean field(int number, CodedInputStream in) throws IOException {
            switch (number) {
                case 1 -> model = in.readString();
                case 2 -> seq = in.readInt32();
                case 3 -> data.add(datum(in.readByteArray()));
                case 4 -> loss = in.readString();
                case 5, 7 -> setting(number == 7, in.readByteArray());
                case 6 -> forward = in.readBool();
                default -> {
                    return false;
                }
            }
            return true;
        }

        private void setting(boolean union, byte[] entry) throws IOException {
            String[] key = {""};
            double[] value = {0};
            message(entry, (number, in) -> {
                switch (number) {
                    case 1 -> key[0] = in.readString();
                    case 2 -> value[0] = union ? number(in.readByteArray(), key[0]) : in.readDouble();
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            settings.put(key[0], value[0]);
        }

        private static double number(byte[] union, String key) throws IOException {
            double[] value = {0};
            message(union, (number, in) -> {
                if (number == 2) {
                    throw ApiError.invalid(
                            "loss_fn_config", "loss_fn_config." + key + " is a text; the losses here take numbers.");
                }
                if (number == 1) {
                    value[0] = in.readDouble();
                }
                return number == 1;
            });
            return value[0];
        }

        private static Datum datum(byte[] bytes) throws IOException {
            List<int[]> chunks = new ArrayList<>();
            Map<String, double[]> inputs = new LinkedHashMap<>();
            message(bytes, (number, in) -> {
                switch (number) {
                    case 1 -> chunks.add(chunk(in.readByteArray()));
                    case 2 -> input(in.readByteArray(), inputs);
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            int[] tokens =
                    chunks.stream().flatMapToInt(java.util.Arrays::stream).toArray();
            return new Datum(tokens, inputs);
        }

        private static int[] chunk(byte[] bytes) throws IOException {
            int[][] tokens = {{}};
            message(bytes, (number, in) -> {
                if (number != 1) {
                    throw ApiError.invalid(
                            "model_input", "This server takes chunks of tokens; images and sound it does not know.");
                }
                message(in.readByteArray(), (inner, text) -> {
                    if (inner == 1) {
                        tokens[0] = ints(text.readByteArray());
                    }
                    return inner == 1;
                });
                return true;
            });
            return tokens[0];
        }

        private static void input(byte[] entry, Map<String, double[]> inputs) throws IOException {
            String[] key = {""};
            double[][] value = {{}};
            message(entry, (number, in) -> {
                switch (number) {
                    case 1 -> key[0] = in.readString();
                    case 2 -> value[0] = tensor(in.readByteArray(), key[0]);
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            inputs.put(key[0], value[0]);
        }

        private static double[] tensor(byte[] bytes, String name) throws IOException {
            byte[][] dense = {{}};
            int[] type = {0};
            message(bytes, (number, in) -> {
                switch (number) {
                    case 1 -> dense[0] = in.readByteArray();
                    case 2 ->
                        throw ApiError.invalid(
                                name, name + " is sparse; send a dense vector with one value for each token.");
                    case 3 -> type[0] = in.readEnum();
                    default -> {
                        return false;
                    }
                }
                return true;
            });
            ByteBuffer values = ByteBuffer.wrap(dense[0]).order(ByteOrder.LITTLE_ENDIAN);
            double[] numbers = new double[dense[0].length / (type[0] == INT64 ? Long.BYTES : Float.BYTES)];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = switch (type[0]) {
                    case FLOAT32 -> (double) values.getFloat();
                    case INT64 -> (double) values.getLong();
                    case INT32 -> (double) values.getInt();
                    default -> throw ApiError.invalid(name, name + " has a type that is neither float32 nor int64.");
                };
            }
            return numbers;
        }
    }

    /** A {@code ForwardBackwardOutput}. */
    static byte[] output(Lesson.Marks marks) {
        int count = marks.scores().size();
        byte[] offsets = little((count + 1) * Long.BYTES, all -> {
            long bytes = 0;
            all.putLong(bytes);
            for (float[] each : marks.scores()) {
                bytes += (long) each.length * Float.BYTES;
                all.putLong(bytes);
            }
        });
        int size = marks.scores().stream().mapToInt(each -> each.length).sum();
        byte[] data = little(size * Float.BYTES, all -> {
            for (float[] each : marks.scores()) {
                for (float score : each) {
                    all.putFloat(score);
                }
            }
        });
        byte[] scores = written(out -> {
            out.writeByteArray(1, data);
            out.writeByteArray(2, offsets);
            out.writeEnum(3, FLOAT32);
        });
        byte[] record = written(out -> {
            out.writeString(1, "ArrayRecord");
            out.writeByteArray(2, entry(marks.name(), value -> value.writeByteArray(2, scores)));
            out.writeInt64(3, count);
        });
        return written(out -> {
            out.writeString(1, "ArrayRecord");
            out.writeByteArray(2, record);
            for (Map.Entry<String, Double> metric : marks.metrics().entrySet()) {
                out.writeByteArray(3, entry(metric.getKey(), value -> value.writeDouble(2, metric.getValue())));
            }
        });
    }

    /**
     * Figures that a client wants to see beside the tokens.
     *
     * @param prompts likeliest tokens in the prompt's places; 0 for none
     * @param tops likeliest tokens in the places of what was sampled; 0 for none
     * @param last tokens of the prompt with figures, those at its end
     */
    record Shown(int prompts, int tops, int last) {}

    /** A {@code SampleResponse}. */
    static byte[] samples(Samples samples, Shown wanted) {
        int tops = wanted.tops();
        return written(out -> {
            for (int i = 0; i < samples.finished().size(); i++) {
                SampleEvent.Finish finish = samples.finished().get(i);
                List<TokenText> shown = samples.shown().get(i);
                out.writeByteArray(1, written(sequence -> {
                    sequence.writeEnum(1, finish.reason().equals("length") ? 1 : 0);
                    sequence.writeByteArray(2, bytes(finish.tokens()));
                    sequence.writeByteArray(3, floats(finish.logprobs()));
                    if (tops > 0) {
                        sequence.writeByteArray(4, table(shown, finish.tokens().size(), 0, tops));
                    }
                }));
            }
            List<TokenText> scores = samples.scores();
            if (scores != null) {
                int from = Math.max(0, scores.size() + 1 - wanted.last());
                List<Double> logprobs = new ArrayList<>();
                logprobs.add(Double.NaN); // nothing comes before the first
                scores.forEach(each -> logprobs.add(logprobs.size() < from ? Double.NaN : each.logprob()));
                out.writeByteArray(2, floats(logprobs));
                if (wanted.prompts() > 0) {
                    int hidden = Math.max(0, from - 1);
                    List<TokenText> visible = scores.subList(hidden, scores.size());
                    out.writeByteArray(3, table(visible, scores.size() + 1, 1 + hidden, wanted.prompts()));
                }
            }
        });
    }

    /** A table with a row of {@code width} tokens for each place; the first rows, before {@code from}, are empty. */
    private static byte[] table(List<TokenText> places, int length, int from, int width) {
        byte[] ids = little(length * width * Integer.BYTES, all -> {
            for (int i = 0; i < length * width; i++) {
                List<TokenText> top = top(places, i / width - from);
                all.putInt(i % width < top.size() ? top.get(i % width).id() : 0);
            }
        });
        byte[] logprobs = little(length * width * Float.BYTES, all -> {
            for (int i = 0; i < length * width; i++) {
                List<TokenText> top = top(places, i / width - from);
                all.putFloat(i % width < top.size() ? (float) top.get(i % width).logprob() : NO_LOGPROB);
            }
        });
        return written(out -> {
            out.writeByteArray(1, ids);
            out.writeByteArray(2, logprobs);
            out.writeInt32(3, width);
            out.writeInt32(4, length);
        });
    }

    private static List<TokenText> top(List<TokenText> places, int place) {
        return place >= 0 && place < places.size() ? places.get(place).top() : List.of();
    }

    private static byte[] entry(String key, Fields value) {
        return written(out -> {
            out.writeString(1, key);
            value.write(out);
        });
    }

    /** Little-endian bytes. */
    static byte[] little(int size, Consumer<ByteBuffer> content) {
        byte[] bytes = new byte[size];
        content.accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return bytes;
    }

    private static byte[] bytes(List<Integer> ids) {
        return little(ids.size() * Integer.BYTES, all -> ids.forEach(all::putInt));
    }

    private static byte[] floats(List<Double> values) {
        return little(values.size() * Float.BYTES, all -> values.forEach(value -> all.putFloat(value.floatValue())));
    }

    private static int[] ints(byte[] bytes) {
        int[] ints = new int[bytes.length / Integer.BYTES];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(ints);
        return ints;
    }

    private static void message(byte[] bytes, Reader reader) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (!reader.field(tag >>> 3, in)) {
                boolean _ = in.skipField(tag);
            }
        }
    }

    /** Reads a field, or returns false to leave it. */
    @FunctionalInterface
    private interface Reader {
        boolean field(int number, CodedInputStream in) throws IOException;
    }

    private static byte[] written(Fields fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            fields.write(out);
            out.flush();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Writes the fields of one message. */
    @FunctionalInterface
    private interface Fields {
        void write(CodedOutputStream out) throws IOException;
    }
}
