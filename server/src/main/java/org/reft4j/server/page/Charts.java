package org.reft4j.server.page;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToDoubleBiFunction;
import org.reft4j.ground.files.Json;
import org.reft4j.server.page.Chart.Line;
import org.reft4j.train.learn.HeldOutLoss;
import org.reft4j.train.run.RunReader.Measured;
import org.reft4j.train.run.RunReader.Point;

/** The charts of one job, or of several on the same axes. */
final class Charts {
    private static final String PART = "grade/";

    /** Figures with words of their own; all others are shown below them under their names. */
    private static final List<String[]> KNOWN = List.of(
            new String[] {"loss", "Loss", "Cross-entropy of a token, in nats."},
            new String[] {
                "mean-token-accuracy",
                "Right tokens",
                "Share of the tokens of the answers that the model itself would have written next."
            },
            new String[] {
                "preference-accuracy", "Right preferences", "Share of pairs whose better answer the model finds likelier."
            },
            new String[] {
                "kl-sequence", "KL to the reference", "Distance from the model at the start, per completion, in nats."
            },
            new String[] {
                "entropy",
                "Entropy",
                "How undecided the model is at a token, in nats. Near 0 it says the same every time."
            },
            new String[] {"length-mean", "Completion length", "Mean tokens of a completion."},
            new String[] {
                "same-rewards",
                "Questions without a lesson",
                "Share of questions whose completions were all paid the same."
            },
            new String[] {"truncated", "Cut off", "Share of completions that reached the limit of tokens."},
            new String[] {"clip-fraction", "Clipped", "Share of tokens whose update was held back by the clip."},
            new String[] {"seconds", "Seconds of a step", "Sampling, grading and updating together."});

    private Charts() {}

    /** A run with the name that its curves have where there are several. */
    record Named(String name, Snapshot run) {}

    /**
     * The charts of one job.
     *
     * @param marked the step of its chosen checkpoint
     */
    static ObjectNode of(Snapshot run, OptionalInt marked) {
        return json(charts(List.of(new Named("", run)), marked));
    }

    /** The charts of several jobs, a colour each. */
    static ObjectNode of(List<Named> runs) {
        return json(charts(runs, OptionalInt.empty()));
    }

    private static ObjectNode json(List<Chart> charts) {
        ObjectNode node = Json.PLAIN.createObjectNode();
        ArrayNode array = node.putArray("charts");
        charts.forEach(chart -> array.add(chart.json()));
        return node;
    }

    private static List<Chart> charts(List<Named> runs, OptionalInt marked) {
        List<Chart> charts = new ArrayList<>();
        rewards(charts, runs, marked);
        add(
                charts,
                "validation",
                runs.size() > 1 ? "Right answers on validation" : "Right answers: training and validation",
                "Share of right answers; the band is the 95 % interval of the validation.",
                true,
                marked,
                shares(runs));
        for (String part : parts(runs)) {
            String about = "Mean score of this grader over the completions of a step.";
            withValidation(charts, runs, PART + part, "Reward part: " + part, about);
        }
        for (String[] known : KNOWN) {
            withValidation(charts, runs, known[0], known[1], known[2]);
        }
        for (String name : others(runs)) {
            charts.add(new Chart(name, name, "", false, false, lines(runs, name), OptionalInt.empty()));
        }
        return charts;
    }

    /** A figure of training and, where it was measured there too, of validation. */
    private static void withValidation(List<Chart> charts, List<Named> runs, String id, String title, String about) {
        List<Line> training = lines(runs, id);
        List<Line> validation =
                validation(runs, (_, measured) -> measured.figures().getOrDefault(id, Double.NaN));
        boolean one = runs.size() == 1;
        List<Point> batches = one ? runs.getFirst().run().points(HeldOutLoss.VALID + id) : List.of();
        if (!batches.isEmpty()) {
            training.add(Line.of("a batch of validation", 2, batches));
        }
        add(charts, id, title, about, false, OptionalInt.empty(), one ? both(training, validation) : training);
        if (!one) {
            String on = title + " on validation";
            add(charts, "validation-" + id, on, about, false, OptionalInt.empty(), validation);
        }
    }

    /** One chart where one job has both; two where several jobs have a colour each. */
    private static void rewards(List<Chart> charts, List<Named> runs, OptionalInt marked) {
        List<Line> training = lines(runs, "reward");
        List<Line> validation = validation(runs, (run, measured) -> run.rewarded() ? measured.reward() : Double.NaN);
        String ofTraining = "Mean of the completions of a step";
        String ofValidation = " of the greedy answers to validation questions, which the model does not learn from.";
        if (runs.size() > 1) {
            add(charts, "reward", "Reward in training", ofTraining + ".", false, marked, training);
            add(charts, "validation-reward", "Reward on validation", "Mean" + ofValidation, false, marked, validation);
        } else {
            String about = ofTraining + ", and" + ofValidation;
            add(charts, "reward", "Reward: training and validation", about, false, marked, both(training, validation));
        }
    }

    /** Figures that have no words of their own. */
    private static Set<String> others(List<Named> runs) {
        Set<String> others = new TreeSet<>();
        for (Named each : runs) {
            others.addAll(each.run().metrics().keySet());
            others.addAll(each.run().timings().keySet());
        }
        others.removeAll(Set.of("reward", "score-correct"));
        others.removeIf(name -> name.startsWith(PART) && name.indexOf('.') < 0);
        for (String[] known : KNOWN) {
            others.remove(known[0]);
            others.remove(HeldOutLoss.VALID + known[0]);
        }
        return others;
    }

    /** The parts of the reward, by name; the parts of a part are left to the other figures. */
    static Set<String> parts(List<Named> runs) {
        Set<String> parts = new TreeSet<>();
        for (Named each : runs) {
            each.run().metrics().keySet().stream()
                    .filter(name -> name.startsWith(PART) && name.indexOf('.') < 0)
                    .map(name -> name.substring(PART.length()))
                    .forEach(parts::add);
        }
        return parts;
    }

    private static void add(
            List<Chart> charts,
            String id,
            String title,
            String about,
            boolean percent,
            OptionalInt marked,
            List<Line> lines) {
        if (!lines.isEmpty()) {
            charts.add(new Chart(id, title, about, true, percent, lines, marked));
        }
    }

    private static List<Line> both(List<Line> first, List<Line> second) {
        List<Line> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    /** Curves of a figure of the measurements; of a run that pays nothing, the reward says no more than its right answers. */
    private static List<Line> validation(List<Named> runs, ToDoubleBiFunction<Snapshot, Measured> figure) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Named each = runs.get(i);
            List<Point> points = each.run().validation().stream()
                    .map(measured -> new Point(measured.step(), figure.applyAsDouble(each.run(), measured)))
                    .filter(point -> !Double.isNaN(point.value()))
                    .toList();
            if (!points.isEmpty()) {
                lines.add(new Line(name(each, "validation"), colour(runs, i, 1), false, points, List.of(), List.of()));
            }
        }
        return lines;
    }

    private static List<Line> shares(List<Named> runs) {
        List<Line> lines = new ArrayList<>(runs.size() == 1 ? lines(runs, "score-correct") : List.of());
        for (int i = 0; i < runs.size(); i++) {
            List<Measured> measured = runs.get(i).run().validation();
            if (!measured.isEmpty()) {
                lines.add(Line.measured(name(runs.get(i), "validation"), colour(runs, i, 1), measured));
            }
        }
        return lines;
    }

    private static List<Line> lines(List<Named> runs, String metric) {
        List<Line> lines = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Snapshot run = runs.get(i).run();
            List<Point> points = metric.equals("same-rewards")
                    ? run.sameRewards().entrySet().stream()
                            .map(entry -> new Point(entry.getKey(), entry.getValue()))
                            .toList()
                    : run.points(metric);
            if (!points.isEmpty()) {
                lines.add(Line.of(name(runs.get(i), "training"), colour(runs, i, 0), points));
            }
        }
        return lines;
    }

    private static String name(Named each, String what) {
        return each.name().isEmpty() ? what : each.name();
    }

    /** One job has a colour for training and one for validation, several have one each. */
    private static int colour(List<Named> runs, int run, int second) {
        return runs.size() == 1 ? second : run;
    }

    /** The rewards at a size that a list has room for: points from 0 to 100 across and 0 to 24 down. */
    static String sparkline(List<Point> points) {
        if (points.size() < 2) {
            return "";
        }
        double low = points.stream().mapToDouble(Point::value).min().orElse(0);
        double high = points.stream().mapToDouble(Point::value).max().orElse(1);
        double span = high - low == 0 ? 1 : high - low;
        Map<Integer, double[]> bins = new LinkedHashMap<>();
        for (int i = 0; i < points.size(); i++) {
            double[] bin = bins.computeIfAbsent(i * 50 / points.size(), _ -> new double[2]);
            bin[0] += points.get(i).value();
            bin[1]++;
        }
        StringBuilder line = new StringBuilder();
        int at = 0;
        for (double[] bin : bins.values()) {
            double x = 100.0 * at++ / Math.max(1, bins.size() - 1);
            double y = 22 - 20 * (bin[0] / bin[1] - low) / span;
            line.append(Math.round(x * 10) / 10.0)
                    .append(',')
                    .append(Math.round(y * 10) / 10.0)
                    .append(' ');
        }
        return line.toString().strip();
    }
}
