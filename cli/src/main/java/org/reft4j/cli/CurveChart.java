package org.reft4j.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.apache.commons.text.StringEscapeUtils;

/** Validation accuracy of several lines against a cost, as a picture: the mean with its band. Plain SVG, as {@link IntervalChart}. */
final class CurveChart {
    private static final int WIDTH = 760;
    private static final int HEIGHT = 420;
    private static final int LEFT = 60;
    private static final int RIGHT = 20;
    private static final int TOP = 44;
    private static final int BOTTOM = 50;
    private static final int LEGEND_LINE = 18;
    private static final int TICKS = 5;

    private final ToDoubleFunction<RunCost> axis;
    private final double widest;
    private final double top;

    private CurveChart(ToDoubleFunction<RunCost> axis, double widest, double top) {
        this.axis = axis;
        this.widest = widest;
        this.top = top;
    }

    /**
     * Draws the lines.
     *
     * @param axis what it is drawn against
     * @param words what the axis is called
     */
    static String svg(String title, List<GridLine> lines, ToDoubleFunction<RunCost> axis, String words) {
        double widest = 1e-9;
        double top = 0.1;
        for (GridLine line : lines) {
            for (GridLine.Mark mark : line.curve()) {
                widest = Math.max(widest, axis.applyAsDouble(mark.cost()));
                top = Math.max(top, Math.min(1, high(mark)));
            }
        }
        CurveChart chart = new CurveChart(axis, widest, Math.ceil(top * 10) / 10);
        StringBuilder body = new StringBuilder();
        chart.grid(body, words);
        for (int i = 0; i < lines.size(); i++) {
            chart.draw(body, lines.get(i), IntervalChart.colour(i), i);
        }
        int height = HEIGHT + LEGEND_LINE * lines.size();
        return IntervalChart.page(title, WIDTH, height, body);
    }

    private void grid(StringBuilder body, String words) {
        for (int i = 0; i <= TICKS; i++) {
            double share = top * i / TICKS;
            double value = widest * i / TICKS;
            body.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    y(share),
                    y(share)));
            text(body, LEFT - 8, y(share) + 4, "end", String.format(Locale.ROOT, "%.0f %%", 100 * share));
            text(body, x(value), HEIGHT - BOTTOM + 16, "middle", amount(value));
        }
        text(body, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 14, "middle", words);
    }

    private void draw(StringBuilder body, GridLine line, String colour, int index) {
        StringBuilder above = new StringBuilder();
        StringBuilder below = new StringBuilder();
        StringBuilder mean = new StringBuilder();
        for (GridLine.Mark mark : line.curve()) {
            double x = x(axis.applyAsDouble(mark.cost()));
            above.append(place(x, y(Math.min(top, high(mark)))));
            below.insert(0, place(x, y(Math.max(0, low(mark)))));
            mean.append(place(x, y(mark.accuracy().mean())));
        }
        String dashes = line.cell().rung().control() ? " stroke-dasharray=\"5 4\"" : "";
        body.append(String.format(
                Locale.ROOT,
                "<polygon points=\"%s%s\" fill=\"%s\" opacity=\"0.15\"/>%n<polyline points=\"%s\" fill=\"none\" stroke=\"%s\""
                        + " stroke-width=\"2\"%s/>%n",
                above,
                below,
                colour,
                mean,
                colour,
                dashes));
        double y = HEIGHT + LEGEND_LINE * (index + 0.5);
        body.append(String.format(
                Locale.ROOT,
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"3\"%s/>%n",
                LEFT,
                LEFT + 24,
                y - 4,
                y - 4,
                colour,
                dashes));
        text(body, LEFT + 32, y, "start", line.cell().group());
    }

    private static double low(GridLine.Mark mark) {
        return Double.isNaN(mark.accuracy().low())
                ? mark.accuracy().mean()
                : mark.accuracy().low();
    }

    private static double high(GridLine.Mark mark) {
        return Double.isNaN(mark.accuracy().high())
                ? mark.accuracy().mean()
                : mark.accuracy().high();
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
                        : String.format(Locale.ROOT, "%.0f", value);
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
