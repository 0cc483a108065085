package dev.strongroom.serving.guard.noise;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Noise on probabilities that depends on a key and on the cell of the output space in which the
 * answer lies, not on the input's bytes: neither repeating a query nor jittering it averages the
 * noise away. The best class stays the best, the sum stays one, and no probability moves by more
 * than the amplitude; one that is near zero or near one moves less.
 *
 * <p>It stops averaging and exact equation solving and nothing else: who trains on labels does not
 * notice it. Thread-safe.
 */
public final class CellNoise {
    private static final double LEAST_LEAD = 1e-6; // of the best class over any other
    private static final byte[] LABEL = "strongroom/noise/v1".getBytes(StandardCharsets.US_ASCII);

    private final Mac keyed;
    private final double cell;
    private final double amplitude;

    /**
     * @param key the same for every answer of a version on every node: two noises of one answer
     *     would average out
     * @param cell width of a cell of probability, at most 1
     * @param amplitude most that a probability moves, at most 1
     */
    public CellNoise(SecretKeySpec key, double cell, double amplitude) {
        if (!(cell > 0 && cell <= 1) || !(amplitude >= 0 && amplitude <= 1)) {
            throw new IllegalArgumentException("expected a cell and an amplitude of at most 1");
        }
        this.cell = cell;
        this.amplitude = amplitude;
        try {
            this.keyed = Mac.getInstance("HmacSHA256");
            keyed.init(key);
            var _ = keyed.clone(); // or else fail now
        } catch (GeneralSecurityException | CloneNotSupportedException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
    }

    /** Other probabilities, with the same best class. */
    public double[] disturb(double[] probabilities) {
        long state = seed(probabilities);
        var shifts = new double[probabilities.length];
        double weights = 0;
        double sum = 0;
        for (int at = 0; at < shifts.length; at++) {
            state += SplitMix.STEP;
            shifts[at] = (SplitMix.mix(state) >>> 12) * 0x1p-52 - 0.5;
            weights += room(probabilities[at]);
            sum += room(probabilities[at]) * shifts[at];
        }
        double mean = weights > 0 ? sum / weights : 0;
        var disturbed = new double[shifts.length];
        for (int at = 0; at < shifts.length; at++) {
            double moved = room(probabilities[at]) * (shifts[at] - mean);
            disturbed[at] = Math.max(0, probabilities[at] + moved);
        }
        return keepBest(probabilities, disturbed);
    }

    /** How far a probability may move: less at either end, so that it stays one. */
    private double room(double probability) {
        double inside = Math.clamp(probability, 0, 1);
        return amplitude * 4 * inside * (1 - inside);
    }

    /** Where another class caught up, it stays a little behind. */
    private static double[] keepBest(double[] probabilities, double[] disturbed) {
        int best = best(probabilities);
        double rival = 0;
        for (int at = 0; at < disturbed.length; at++) {
            rival = at == best ? rival : Math.max(rival, disturbed[at]);
        }
        if (best < 0 || disturbed[best] >= rival + LEAST_LEAD) {
            return disturbed;
        }
        double middle = (disturbed[best] + rival) / 2;
        for (int at = 0; at < disturbed.length; at++) {
            disturbed[at] = at == best ? middle + LEAST_LEAD : Math.min(disturbed[at], middle);
        }
        return disturbed;
    }

    private long seed(double[] probabilities) {
        var cells = ByteBuffer.allocate(LABEL.length + Short.BYTES * probabilities.length);
        cells.put(LABEL);
        for (double probability : probabilities) {
            cells.putShort((short) Math.round(Math.clamp(probability, 0, 1) / cell));
        }
        try {
            Mac mac = (Mac) keyed.clone();
            return ByteBuffer.wrap(mac.doFinal(cells.array())).getLong();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("it could be cloned at the start", e);
        }
    }

    private static int best(double[] values) {
        int best = -1;
        for (int at = 0; at < values.length; at++) {
            if (!Double.isNaN(values[at]) && (best < 0 || values[at] > values[best])) {
                best = at;
            }
        }
        return best;
    }
}
