package org.reft4j.train.learn;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.reft4j.model.PolicyModel.Scores;
import org.reft4j.tensor.NativeScope;
import org.reft4j.tensor.Place;
import org.reft4j.tensor.Tensors;
import org.reft4j.train.learn.Lesson.Example;
import org.reft4j.train.loss.TokenLoss;
import org.reft4j.train.loss.TokenLoss.Figure;

/** The loss of a {@link Lesson}, part by part, with the log-probabilities or values that it has seen on the way. */
public final class LessonLoss implements Loss<Lesson.Marks>, Learner.ValueLoss<Lesson.Marks> {
    private final Lesson lesson;
    private final float[][] seen;
    private double sum;
    private double ratios;
    private double values;
    private double cut;
    private long tokens;

    public LessonLoss(Lesson lesson) {
        this.lesson = lesson;
        this.seen = new float[lesson.examples().size()][];
    }

    /** The figures of log-probabilities or values that are known already, one array an example. */
    public static Lesson.Marks of(Lesson lesson, List<float[]> scores) {
        LessonLoss loss = new LessonLoss(lesson);
        for (int i = 0; i < scores.size(); i++) {
            float[] own = scores.get(i);
            if (lesson.complete()) {
                try (var _ = NativeScope.open()) {
                    Tensor _ = loss.of(new int[] {i}, Tensors.floats(Place.HOST, own, own.length));
                }
            } else {
                loss.seen[i] = own;
                loss.tokens += own.length;
            }
        }
        return loss.figures();
    }

    @Override
    public Tensor of(int[] items, Scores scores) {
        return of(items, scores.logprobs());
    }

    @Override
    public Tensor of(int[] items, Tensor scores) {
        List<Example> part =
                Arrays.stream(items).mapToObj(lesson.examples()::get).toList();
        int size = part.stream().mapToInt(Example::size).sum();
        float[] weights = new float[size];
        long[] rows = new long[size];
        float[] lengths = new float[items.length];
        float[] now = Tensors.toFloats(scores.detach());
        Place place = Place.of(scores);
        int at = 0;
        for (int i = 0; i < items.length; i++) {
            Example example = part.get(i);
            int length = example.size();
            System.arraycopy(example.weights(), 0, weights, at, length);
            Arrays.fill(rows, at, at + length, i);
            lengths[i] = length;
            seen[items[i]] = Arrays.copyOfRange(now, at, at + length);
            at += length;
        }
        TokenLoss.Given given = new TokenLoss.Given(
                Tensors.floats(place, weights, size),
                figures(place, part, size),
                Tensors.longs(place, rows, size),
                Tensors.floats(place, lengths, items.length));
        var loss = lesson.loss().of(scores, given, lesson.numbers());
        sum += Tensors.toDouble(loss.total().detach());
        ratios += Tensors.toDouble(loss.ratio().detach().sum());
        values += Tensors.toDouble(scores.detach().sum());
        cut += Tensors.toDouble(loss.cut().detach().sum());
        tokens += size;
        return loss.total();
    }

    /** Figures that some example has; the others have the number that stands for none. */
    private Map<Figure, Tensor> figures(Place place, List<Example> part, int size) {
        Map<Figure, Tensor> figures = new EnumMap<>(Figure.class);
        for (Figure figure : lesson.loss().known()) {
            if (part.stream().noneMatch(each -> each.figures().containsKey(figure))) {
                continue;
            }
            float[] all = new float[size];
            int at = 0;
            for (Example example : part) {
                float[] own = example.figures().get(figure);
                if (own == null) {
                    own = absent(figure, example);
                }
                System.arraycopy(own, 0, all, at, own.length);
                at += own.length;
            }
            figures.put(figure, Tensors.floats(place, all, size));
        }
        return figures;
    }

    private float[] absent(Figure figure, Example example) {
        float[] all = new float[example.size()];
        switch (figure) {
            case CLIP_LOW_THRESHOLD -> Arrays.fill(all, (float) lesson.numbers().low());
            case CLIP_HIGH_THRESHOLD ->
                Arrays.fill(all, (float) lesson.numbers().high());
            case SEQUENCE_RATIO_MASK -> System.arraycopy(example.weights(), 0, all, 0, all.length);
            case ADVANTAGES, LOGPROBS, VALUES, RETURNS ->
                throw new IllegalArgumentException("an example of the lesson lacks " + figure);
        }
        return all;
    }

    @Override
    public Lesson.Marks figures() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        boolean complete = lesson.complete();
        if (complete) {
            metrics.put("loss:sum", sum);
        }
        metrics.put("tokens:sum", (double) tokens);
        double count = Math.max(1, tokens);
        if (lesson.loss().ofValues() && complete) {
            metrics.put("value:mean", values / count);
            metrics.put("clipped:mean", cut / count);
        } else if (lesson.loss() != TokenLoss.CROSS_ENTROPY && complete) {
            metrics.put("ratio:mean", ratios / count);
            metrics.put("clipped:mean", cut / count);
        }
        return new Lesson.Marks(lesson.loss().ofValues() ? "values" : "logprobs", List.of(seen), metrics);
    }
}
