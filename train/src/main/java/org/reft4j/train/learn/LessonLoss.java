package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel.Scores;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Lesson.Example;
import org.reft4j.train.loss.GrpoLoss;
import org.reft4j.train.rollout.TokenScores;

/** The loss of a {@link Lesson}, part by part, with the log-probabilities that it has seen on the way. */
public final class LessonLoss implements Loss<Lesson.Marks> {
    private final Lesson lesson;
    private final float[][] logprobs;
    private double sum;
    private double ratios;
    private double cut;
    private long tokens;

    public LessonLoss(Lesson lesson) {
        this.lesson = lesson;
        this.logprobs = new float[lesson.examples().size()][];
    }

    /** The figures of scores that are known already. */
    public static Lesson.Marks of(Lesson lesson, List<TokenScores> scores) {
        LessonLoss loss = new LessonLoss(lesson);
        for (int i = 0; i < scores.size(); i++) {
            float[] own = scores.get(i).logprobs();
            try (var _ = NativeScope.open()) {
                Tensor _ = loss.of(new int[] {i}, new Scores(Tensors.floats(Place.HOST, own, own.length), null));
            }
        }
        return loss.figures();
    }

    @Override
    public Tensor of(int[] items, Scores scores) {
        List<Example> part =
                Arrays.stream(items).mapToObj(lesson.examples()::get).toList();
        int size = part.stream().mapToInt(Example::size).sum();
        float[] weights = new float[size];
        float[] advantages = new float[size];
        float[] old = new float[size];
        long[] rows = new long[size];
        float[] lengths = new float[items.length];
        float[] now = Tensors.toFloats(scores.logprobs().detach());
        Place place = Place.of(scores.logprobs());
        int at = 0;
        for (int i = 0; i < items.length; i++) {
            Example example = part.get(i);
            int length = example.size();
            System.arraycopy(example.weights(), 0, weights, at, length);
            System.arraycopy(example.advantages(), 0, advantages, at, length);
            System.arraycopy(example.logprobs(), 0, old, at, length);
            Arrays.fill(rows, at, at + length, i);
            lengths[i] = length;
            logprobs[items[i]] = Arrays.copyOfRange(now, at, at + length);
            at += length;
        }
        GrpoLoss.Old known = new GrpoLoss.Old(
                Tensors.floats(place, old, size),
                null,
                Tensors.floats(place, advantages, size),
                Tensors.floats(place, weights, size),
                Tensors.longs(place, rows, size),
                Tensors.floats(place, lengths, items.length));
        var loss = lesson.loss().of(scores.logprobs(), known, lesson.numbers());
        sum += Tensors.toDouble(loss.total().detach());
        ratios += Tensors.toDouble(loss.ratio().detach().sum());
        cut += Tensors.toDouble(loss.cut().detach().sum());
        tokens += size;
        return loss.total();
    }

    @Override
    public Lesson.Marks figures() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("loss:sum", sum);
        metrics.put("tokens:sum", (double) tokens);
        if (lesson.loss().ofSamples()) {
            metrics.put("ratio:mean", ratios / Math.max(1, tokens));
            metrics.put("clipped:mean", cut / Math.max(1, tokens));
        }
        return new Lesson.Marks(List.of(logprobs), metrics);
    }
}
