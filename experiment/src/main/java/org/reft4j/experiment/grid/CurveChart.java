package org.reft4j.experiment.grid;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.commons.text.StringEscapeUtils;
import org.reft4j.experiment.IntervalChart;
import org.reft4j.experiment.RunCost;

/**
 * Validation accuracy of several lines against a cost, as a picture: the mean over seeds, with a band from the lowest to the highest where few
 * lines are drawn. Plain SVG, as {@link IntervalChart}.
 */
final class CurveChart {
    /** Bands of more lines than this hide each other. */
    private static final int BANDS = 6;
    /** Dashes of lines: the first lines are solid, and when colours repeat the next pattern is used; control runs are dotted. */
    private static final List<String> DASHES = List.of("", "10 4", "10 3 2 3");

    private static final String CONTROL = "2 3";
    private static final int WIDTH = 760;
    private static final int HEIGHT = 420;
    private static final int LEFT = 60;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 50;
    private static final int LEGEND_LINE = 18;
    private static final int TICKS = 5;
    /** Steps between ticks that read well, times a power of ten. */
    private static final double[] STEPS = {1, 2, 5};

    private final ToDoubleFunction<RunCost> axis;
    private final double widest;
    private final double top;

    private CurveChart(ToDoubleFunction<RunCost> axis, double widest, double top) {
        this.axis = axis;
        this.widest = widest;
        this.top = top;
    }

    /**
     * Draws the lines with more than one evaluation: a single point is no curve and would only stretch the axis.
     *
     * @param lines all lines of the experiment; their order decides their colours
     * @param axis the cost on the horizontal axis
     * @param words the label of the axis
     */
    static String svg(String title, List<GridLine> lines, ToDoubleFunction<RunCost> axis, String words) {
        List<GridLine> curved =
                lines.stream().filter(line -> line.curve().size() > 1).toList();
        boolean bands = curved.size() <= BANDS;
        double widest = 0;
        double top = 0.1;
        for (GridLine line : curved) {
            for (GridLine.Mark mark : line.curve()) {
                widest = Math.max(widest, axis.applyAsDouble(mark.cost()));
                top = Math.max(top, bands ? mark.high() : mark.accuracy());
            }
        }
        if (widest <= 0) {
            // All lines cost nothing: one mark of an axis that says so.
            widest = 1;
        }
        double step = step(top);
        CurveChart chart = new CurveChart(axis, widest, step * Math.ceil(top / step - 1e-9));
        StringBuilder body = new StringBuilder();
        chart.grid(body, words);
        // The legend has the order in which the curves end, so that the eye finds one by the other.
        List<GridLine> ranked = curved.stream()
                .sorted(Comparator.comparingDouble(
                        (GridLine line) -> -line.curve().getLast().accuracy()))
                .toList();
        for (int i = 0; i < ranked.size(); i++) {
            chart.draw(body, ranked.get(i), lines.indexOf(ranked.get(i)), bands, i);
        }
        int height = HEIGHT + LEGEND_LINE * ranked.size();
        return IntervalChart.page(title, WIDTH, height, body);
    }

    private void grid(StringBuilder body, String words) {
        double shares = step(top);
        for (int i = 0; i * shares <= top + 1e-9; i++) {
            double y = y(i * shares);
            body.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    y,
                    y));
            text(body, LEFT - 8, y + 4, "end", String.format(Locale.ROOT, "%.0f %%", 100 * i * shares));
        }
        double amounts = step(widest);
        for (int i = 0; i * amounts <= widest * (1 + 1e-9); i++) {
            text(body, x(i * amounts), HEIGHT - BOTTOM + 16, "middle", amount(i * amounts));
        }
        text(body, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", words);
    }

    /** Between ticks of an axis that reaches from 0 to {@code end}. */
    private static double step(double end) {
        double least = end / TICKS;
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (double step : STEPS) {
            if (step * power >= least * (1 - 1e-9)) {
                return step * power;
            }
        }
        return 10 * power;
    }

    private void draw(StringBuilder body, GridLine line, int index, boolean band, int place) {
        StringBuilder above = new StringBuilder();
        StringBuilder below = new StringBuilder();
        StringBuilder mean = new StringBuilder();
        for (GridLine.Mark mark : line.curve()) {
            double x = x(axis.applyAsDouble(mark.cost()));
            above.append(place(x, y(mark.high())));
            below.insert(0, place(x, y(mark.low())));
            mean.append(place(x, y(mark.accuracy())));
        }
        String colour = IntervalChart.colour(index);
        String pattern =
                line.cell().rung().control() ? CONTROL : DASHES.get(index / IntervalChart.colours() % DASHES.size());
        String dashes = pattern.isEmpty() ? "" : " stroke-dasharray=\"" + pattern + "\"";
        if (band) {
            body.append(String.format(
                    Locale.ROOT, "<polygon points=\"%s%s\" fill=\"%s\" opacity=\"0.15\"/>%n", above, below, colour));
        }
        body.append(String.format(
                Locale.ROOT,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>%n",
                mean,
                colour,
                dashes));
        double y = HEIGHT + LEGEND_LINE * (place + 0.5);
        body.append(String.format(
                Locale.ROOT,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"3\"%s/>%n",
                LEFT,
                LEFT + 34,
                y - 4,
                y - 4,
                colour,
                dashes));
        text(
                body,
                LEFT + 42,
                y,
                "start",
                String.format(
                        Locale.ROOT,
                        "%s%s, at the end %.1f %%",
                        line.cell().group(),
                        line.cell().rung().control() ? " (control)" : "",
                        100 * line.curve().getLast().accuracy()));
    }

    private double x(double value) {
        return LEFT + value / widest * (WIDTH - LEFT - RIGHT);
    }

    private double y(double share) {
        return HEIGHT - BOTTOM - share / top * (HEIGHT - TOP - BOTTOM);
    }

    private static String place(double x, double y) {
        return String.format(Locale.ROOT, "%.1f,%.1f ", x, y);
    }

    private static String amount(double value) {
        return value >= 1e6
                ? String.format(Locale.ROOT, "%.1f M", value / 1e6)
                : value >= 1e4
                        ? String.format(Locale.ROOT, "%.0f k", value / 1e3)
                        : String.format(Locale.ROOT, value < 10 && value != Math.rint(value) ? "%.1f" : "%.0f", value);
    }

    private static void text(StringBuilder body, double x, double y, String anchor, String words) {
        body.append(String.format(
                Locale.ROOT,
                "<text class=\"axis\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                StringEscapeUtils.escapeXml11(words)));
    }
}
