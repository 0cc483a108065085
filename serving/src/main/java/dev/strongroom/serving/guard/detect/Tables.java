package dev.strongroom.serving.guard.detect;

import java.util.List;

/**
 * Scores of honest queries by kind of score and predicted class. A class with fewer than {@value
 * Calibration#MIN_CLASS_SAMPLES} samples has no table of its own: its queries are held against all
 * classes together, and nearness says nothing about them.
 *
 * <p>Immutable and thread-safe.
 */
final class Tables {
    /** Single scores, the combined one, and nearness for each count of earlier queries. */
    static final int KINDS = Score.SINGLE + 1 + Nearness.LEVELS.length;

    private static final int COMBINED = Score.SINGLE;
    private static final List<Score> INPUT_VIEWS = List.of(Score.RESIDUAL, Score.INPUT);
    private static final int NEARNESS = COMBINED + 1;

    private final List<List<ScoreTable>> tables; // [kind][class], the last: all classes

    Tables(List<List<ScoreTable>> tables) {
        this.tables = List.copyOf(tables);
    }

    List<List<ScoreTable>> all() {
        return tables;
    }

    /** p-values of the single scores and the combined one, in the order of {@link Score}. */
    void strangeness(int predicted, float[] single, TieBreaker ties, double[] p) {
        for (int kind = 0; kind < Score.SINGLE; kind++) {
            p[kind] = table(kind, predicted).p(finite(single[kind]), ties.next());
        }
        float combined = combined(predicted, single);
        p[COMBINED] = table(COMBINED, predicted).p(combined, ties.next());
    }

    /** The p-value of {@link Nearness#ratio} to the nearest of {@code owned} earlier queries. */
    double nearness(int predicted, float ratio, int owned, double tie) {
        return table(NEARNESS + Nearness.level(owned), predicted).p(-ratio, tie);
    }

    /** Fisher's combination of the ranks of both views of the input; calibration and queries. */
    float combined(int predicted, float[] single) {
        double sum = 0;
        for (Score view : INPUT_VIEWS) {
            int kind = view.at();
            sum -= Math.log(table(kind, predicted).rank(finite(single[kind])));
        }
        return (float) sum;
    }

    private ScoreTable table(int kind, int predicted) {
        List<ScoreTable> ofKind = tables.get(kind);
        ScoreTable own = ofKind.get(predicted);
        return own.size() >= Calibration.MIN_CLASS_SAMPLES ? own : ofKind.getLast();
    }

    private static float finite(float score) {
        return Float.isNaN(score) ? Float.POSITIVE_INFINITY : score;
    }
}
