package org.reft4j.experiment;

import java.util.List;
import java.util.Locale;
import org.apache.commons.text.StringEscapeUtils;
import org.reft4j.train.measure.SeedMean;

/**
 * Shares with their intervals as a picture: a panel for each figure, a line for each model, a dot for the mean, whiskers for the interval
 * and a small ring for each seed. Plain SVG, because what draws through AWT needs fonts that servers lack.
 */
public final class IntervalChart {
    private static final int WIDTH = 760;
    private static final int LEFT = 170;
    private static final int RIGHT = 110;
    private static final int LINE = 26;
    private static final int PANEL_HEAD = 34;
    private static final int AXIS = 26;
    /** Those of the pages, in the order of the lines; near Okabe and Ito's, which stay apart for the colour-blind. */
    private static final List<String> COLOURS =
            List.of("#0072B2", "#D55E00", "#009E73", "#A8578A", "#8A7400", "#4B5AD1");

    private IntervalChart() {}

    /** One line: a model and its share, in [0, 1]. */
    public record Mark(String label, SeedMean share) {}

    /** One figure of all models. */
    public record Panel(String title, List<Mark> marks) {
        public Panel {
            marks = List.copyOf(marks);
        }
    }

    public static String svg(String title, List<Panel> panels) {
        StringBuilder body = new StringBuilder();
        int y = 44;
        for (Panel panel : panels) {
            y = draw(body, panel, y);
        }
        return page(title, WIDTH, y + 6, body);
    }

    /** A picture around what is drawn. */
    public static String page(String title, int width, int height, CharSequence body) {
        return String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d" role="img" aria-label="%3$s">
                <style>
                svg { font: 13px system-ui, sans-serif; background: #fff }
                text { fill: #222 } .title { font-weight: 600; font-size: 15px } .panel { font-weight: 600 } .grid { stroke: #ddd } .axis { fill: #666; font-size: 11px }
                @media (prefers-color-scheme: dark) { svg { background: #16181c } text { fill: #e6e6e6 } .grid { stroke: #3a3d44 } .axis { fill: #9aa0a8 } }
                </style>
                <text class="title" x="12" y="24">%3$s</text>
                %4$s</svg>
                """, width, height, StringEscapeUtils.escapeXml11(title), body);
    }

    /** The colour of a line; they begin again when there are more lines than colours. */
    public static String colour(int index) {
        return COLOURS.get(index % COLOURS.size());
    }

    public static int colours() {
        return COLOURS.size();
    }

    private static int draw(StringBuilder body, Panel panel, int top) {
        int first = top + PANEL_HEAD;
        int bottom = first + LINE * panel.marks().size();
        text(body, "panel", 12, top + 18, "start", panel.title());
        for (int percent = 0; percent <= 100; percent += 20) {
            double x = x(percent / 100.0);
            body.append(String.format(
                    Locale.ROOT,
                    "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>%n",
                    x,
                    x,
                    first - 4,
                    bottom));
            text(body, "axis", x, bottom + 14, "middle", percent + " %");
        }
        for (int i = 0; i < panel.marks().size(); i++) {
            draw(body, panel.marks().get(i), colour(i), first + LINE * i + LINE / 2);
        }
        return bottom + AXIS;
    }

    private static void draw(StringBuilder body, Mark mark, String colour, int y) {
        SeedMean share = mark.share();
        text(body, "label", LEFT - 12, y + 4, "end", mark.label());
        if (!Double.isNaN(share.low())) {
            body.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"%s\" stroke-width=\"2\"/>%n",
                    x(Math.max(0, share.low())),
                    x(Math.min(1, share.high())),
                    y,
                    y,
                    colour));
        }
        for (double value : share.values()) {
            body.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%d\" r=\"3\" fill=\"none\" stroke=\"%s\"/>%n",
                    x(value),
                    y - 7,
                    colour));
        }
        body.append(String.format(
                Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%d\" r=\"5\" fill=\"%s\"/>%n", x(share.mean()), y, colour));
        text(
                body,
                "value",
                WIDTH - RIGHT + 18,
                y + 4,
                "start",
                String.format(Locale.ROOT, "%.1f %%", 100 * share.mean()));
    }

    private static double x(double share) {
        return LEFT + share * (WIDTH - LEFT - RIGHT);
    }

    private static void text(StringBuilder body, String style, double x, int y, String anchor, String words) {
        body.append(String.format(
                Locale.ROOT,
                "<text class=\"%s\" x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>%n",
                style,
                x,
                y,
                anchor,
                StringEscapeUtils.escapeXml11(words)));
    }
}
