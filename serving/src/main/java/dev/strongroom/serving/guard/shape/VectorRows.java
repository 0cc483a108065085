package dev.strongroom.serving.guard.shape;

import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.Tensor;
import java.util.Arrays;
import java.util.Optional;

/**
 * The vectors that an output would show: rows that are compared with each other, or the logits
 * behind the probabilities of all classes. None where a row shows some classes only.
 *
 * <p>Not thread-safe.
 */
public final class VectorRows {
    private static final double LEAST_LOGARITHM = -69; // of 1e-30

    private final Tensor answer;
    private final Kind kind;
    private final double[] row;
    private final int count;
    private Optional<Numbers> changed = Optional.empty();

    private VectorRows(Tensor answer, Kind kind, int length, int count) {
        this.answer = answer;
        this.kind = kind;
        this.row = new double[length];
        this.count = count;
    }

    /**
     * Of an output.
     *
     * @param answer before it is shaped; stays as it is
     */
    public static VectorRows of(Tensor answer, Kind kind, Tier tier, Rung rung) {
        if (kind == Kind.LABELS || !Numbers.areIn(answer)) {
            return new VectorRows(answer, kind, 0, 0);
        }
        int length = Numbers.rowLength(answer.shape());
        Kind actual = kind == Kind.AUTO || length < 2 ? Shaper.judged(answer, length, tier) : kind;
        boolean all = rung.compareTo(Rung.COARSE) <= 0 && tier.topK() >= length;
        boolean shown = actual == Kind.EMBEDDING || all;
        int rows = shown ? Numbers.in(answer).rows(length) : 0;
        return new VectorRows(answer, actual, length, rows);
    }

    /** How many there are. */
    public int count() {
        return count;
    }

    /** Whether rows have no best class that could be left of them. */
    public boolean areBare() {
        return kind == Kind.EMBEDDING;
    }

    /**
     * One of them; empty: it has numbers that are not finite, with which nothing can be counted.
     */
    public Optional<double[]> vector(int number) {
        Numbers.in(answer).read(number, row);
        var vector = row.clone();
        switch (kind) {
            case EMBEDDING -> {}
            case PROBABILITIES -> {
                Precision.log(vector);
                centre(vector);
            }
            default -> centre(vector);
        }
        return Arrays.stream(vector).allMatch(Double::isFinite)
                ? Optional.of(vector)
                : Optional.empty();
    }

    /** Has the output show another one in its place; the row's best class stays the best. */
    public void show(int number, double[] vector) {
        Numbers to = changed.orElseGet(() -> Numbers.copyOf(answer));
        changed = Optional.of(to);
        Numbers.in(answer).read(number, row);
        Lead lead = Lead.of(row);
        double[] shown = vector.clone();
        switch (kind) {
            case EMBEDDING -> {}
            case PROBABILITIES -> {
                Precision.softmax(shown);
                scale(shown, Arrays.stream(row).sum()); // one, unless each class is for itself
            }
            case LOGPROBS -> {
                Precision.softmax(shown);
                Precision.log(shown);
            }
            default -> shift(shown, mean(row));
        }
        lead.restore(shown, Numbers.step(answer.type(), shown[Precision.best(shown)]));
        to.write(number, shown);
    }

    /** The output with what it is to show. */
    public Tensor tensor() {
        return changed.map(numbers -> numbers.as(answer)).orElse(answer);
    }

    /** Softmax does not see what all logits have in common. */
    private static void centre(double[] logits) {
        shift(logits, -mean(logits));
    }

    /** Minus infinity, of a class that cannot be, becomes a number as good as that. */
    private static double mean(double[] logits) {
        double mean = 0;
        for (int i = 0; i < logits.length; i++) {
            logits[i] = logits[i] == Double.NEGATIVE_INFINITY ? LEAST_LOGARITHM : logits[i];
            mean += logits[i] / logits.length;
        }
        return mean;
    }

    private static void scale(double[] values, double by) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= by;
        }
    }

    private static void shift(double[] values, double by) {
        for (int i = 0; i < values.length; i++) {
            values[i] += by;
        }
    }
}
