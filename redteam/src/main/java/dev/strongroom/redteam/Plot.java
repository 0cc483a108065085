package dev.strongroom.redteam;

import java.util.List;
import java.util.Locale;

/** Fidelity against attempts as SVG: a line for the shield off (dashed) and one for on. */
final class Plot {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 420;
    private static final int LEFT = 60;
    private static final int BOTTOM = 50;
    private static final int LEGEND = 230;
    private static final List<String> COLOURS =
            List.of("#1b6ca8", "#c0392b", "#218c53", "#8e44ad", "#d68910", "#17807e", "#555555");

    private final double most;
    private final StringBuilder svg = new StringBuilder();

    private Plot(List<Curves.Point> points) {
        this.most = points.stream().mapToInt(Curves.Point::attempts).max().orElse(10);
    }

    static String svg(String title, List<Curves.Point> points) {
        var plot = new Plot(points);
        plot.frame(title);
        List<String> attacks = points.stream().map(Curves.Point::attack).distinct().toList();
        for (int at = 0; at < attacks.size(); at++) {
            String attack = attacks.get(at);
            plot.attack(
                    attack, points.stream().filter(p -> p.attack().equals(attack)).toList(), at);
        }
        return plot.svg.append("</svg>\n").toString();
    }

    private void frame(String title) {
        svg.append(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                        .formatted(WIDTH, HEIGHT));
        svg.append(" font-family=\"sans-serif\" font-size=\"11\">\n");
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        text(LEFT, 18, title + ": fidelity by attempts; dashed without the shield");
        for (int tenths = 0; tenths <= 10; tenths += 2) {
            line(LEFT, y(tenths / 10.0), WIDTH - LEGEND, y(tenths / 10.0), "#dddddd", "");
            text(LEFT - 28, y(tenths / 10.0) + 4, "%.1f".formatted(tenths / 10.0));
        }
        for (int attempts = 10; attempts <= most; attempts *= 10) {
            line(x(attempts), y(0), x(attempts), y(1), "#dddddd", "");
            text(x(attempts) - 10, HEIGHT - BOTTOM + 18, Integer.toString(attempts));
        }
    }

    private void attack(String name, List<Curves.Point> points, int number) {
        String colour = COLOURS.get(number % COLOURS.size());
        for (int at = 1; at < points.size(); at++) {
            Curves.Point from = points.get(at - 1);
            Curves.Point to = points.get(at);
            double x = x(from.attempts());
            line(x, y(from.off()), x(to.attempts()), y(to.off()), colour, "5 4");
            line(x, y(from.on()), x(to.attempts()), y(to.on()), colour, "");
        }
        double row = 50 + 18.0 * number;
        line(WIDTH - LEGEND + 15, row - 4, WIDTH - LEGEND + 35, row - 4, colour, "");
        text(WIDTH - LEGEND + 40, row, name);
    }

    private double x(double attempts) {
        double share = Math.log10(attempts / 10) / Math.log10(Math.max(100, most) / 10);
        return LEFT + share * (WIDTH - LEGEND - LEFT);
    }

    private static double y(double fidelity) {
        return HEIGHT - BOTTOM - fidelity * (HEIGHT - BOTTOM - 40);
    }

    private void line(double x1, double y1, double x2, double y2, String colour, String dash) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                                + " stroke-width=\"1.6\"%s/>%n",
                        x1,
                        y1,
                        x2,
                        y2,
                        colour,
                        dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + "\""));
    }

    private void text(double x, double y, String text) {
        svg.append(
                String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\">%s</text>%n", x, y, text));
    }
}
