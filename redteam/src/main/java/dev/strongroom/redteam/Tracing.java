package dev.strongroom.redteam;

import dev.strongroom.fingerprint.Alignment;
import dev.strongroom.fingerprint.FingerprintKey;
import dev.strongroom.fingerprint.FingerprintRoot;
import dev.strongroom.fingerprint.Marker;
import dev.strongroom.fingerprint.Matrix;
import dev.strongroom.fingerprint.Recipient;
import dev.strongroom.fingerprint.RecipientKey;
import dev.strongroom.fingerprint.Residual;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Marks a trained network for its recipients as a node does, tampers with a copy and asks whether
 * the key of who leaked it still fits.
 */
final class Tracing {
    private static final int COLLUDERS = 8;
    private static final int STRANGERS = 100;
    private static final double TUNING_RATE = 1e-4;
    private static final double TRAINING_RATE = 1e-3;

    /** What is claimed of the mark. */
    enum Claimed {
        SURVIVES,
        MAY_END
    }

    /**
     * One tampering.
     *
     * @param claimed of the mark after it
     * @param log2P of the p-value of the leaker's key; of several, the weakest
     * @param stranger the strongest of {@value #STRANGERS} keys of others
     * @param accuracy of what is left
     */
    record Row(
            String key,
            String tampering,
            Claimed claimed,
            double log2P,
            double stranger,
            double accuracy) {}

    /**
     * The whole table.
     *
     * @param accuracyLost by the mark, in points of a hundred
     * @param flips of the best class that the mark makes, of {@code tested} rows
     */
    record Table(int weights, double accuracyLost, int flips, int tested, List<Row> rows) {
        Map<String, Object> asMap() {
            var map = new LinkedHashMap<String, Object>();
            map.put("weights", weights);
            map.put("accuracyLostPoints", accuracyLost);
            map.put("top1Flips", flips);
            map.put("tested", tested);
            map.put("rows", rows);
            return map;
        }
    }

    private final Mlp original;
    private final Samples test;
    private final FingerprintKey key;
    private final List<Row> rows = new ArrayList<>();

    private Tracing(Mlp original, Samples test, FingerprintKey key) {
        this.original = original;
        this.test = test;
        this.key = key;
    }

    /** Trains a network of {@code hidden} units on some samples and measures on others. */
    static Table measure(Samples all, int hidden, int epochs, long seed) {
        var random = new Random(seed);
        Samples shuffled = all.shuffled(random);
        int size = shuffled.size();
        Samples train = shuffled.part(0, size * 4 / 10);
        Samples more = shuffled.part(size * 4 / 10, size * 7 / 10);
        Samples test = shuffled.part(size * 7 / 10, size);
        var network = new Mlp(all.width(), hidden, 10, random);
        new Trainer(network).train(train.rows(), train.targets(10), epochs, random);
        var secret = new byte[FingerprintRoot.BYTES];
        random.nextBytes(secret);
        try (var root = FingerprintRoot.of(secret);
                var key = root.forVersion("0f".repeat(16))) {
            return new Tracing(network, test, key).table(more, random);
        }
    }

    private Table table(Samples more, Random random) {
        List<Mlp> copies = new ArrayList<>();
        for (int recipient = 0; recipient < COLLUDERS; recipient++) {
            copies.add(marked(recipient));
        }
        Mlp copy = copies.getFirst();
        row("leaked", "as leaked", Claimed.SURVIVES, copy, 1);
        row("bf16", "bf16", Claimed.SURVIVES, Tampering.bfloat16(copy), 1);
        row(
                "int8",
                "int8, a scale for each tensor",
                Claimed.SURVIVES,
                Tampering.quantised(copy, 8, Integer.MAX_VALUE),
                1);
        row("int4", "int4, groups of 32", Claimed.SURVIVES, Tampering.quantised(copy, 4, 32), 1);
        row("pruned", "90 % pruned", Claimed.SURVIVES, Tampering.pruned(copy, 0.9), 1);
        row(
                "permuted",
                "permuted and rescaled",
                Claimed.SURVIVES,
                Tampering.shuffled(copy, random),
                1);
        row(
                "averaged",
                "8 copies averaged",
                Claimed.SURVIVES,
                Tampering.averaged(copies),
                COLLUDERS);
        row(
                "tuned",
                "one epoch at 1e-4",
                Claimed.SURVIVES,
                Tampering.tuned(copy, TUNING_RATE, more, random),
                1);
        row(
                "trained",
                "one epoch at 1e-3",
                Claimed.MAY_END,
                Tampering.tuned(copy, TRAINING_RATE, more, random),
                1);
        row("distilled", "distilled", Claimed.MAY_END, distilled(copy, more, random), 1);
        return new Table(
                original.weights(),
                100 * (accuracy(original) - accuracy(copy)),
                flips(copy),
                test.size(),
                List.copyOf(rows));
    }

    private void row(String key, String tampering, Claimed claimed, Mlp suspect, int leakers) {
        var residual = new Residual();
        List<Matrix> mine = matrices(original);
        List<Matrix> aligned = Alignment.align(mine, matrices(suspect));
        for (int at = 0; at < mine.size(); at++) {
            residual.add(mine.get(at).name(), mine.get(at).values(), aligned.get(at).values());
        }
        double weakest = Double.NEGATIVE_INFINITY;
        for (int leaker = 0; leaker < leakers; leaker++) {
            weakest = Math.max(weakest, log2P(residual, leaker));
        }
        double stranger = 0;
        for (int other = COLLUDERS; other < COLLUDERS + STRANGERS; other++) {
            stranger = Math.min(stranger, log2P(residual, other));
        }
        rows.add(new Row(key, tampering, claimed, weakest, stranger, accuracy(suspect)));
    }

    private double log2P(Residual residual, int recipient) {
        try (RecipientKey mark = recipient(recipient)) {
            return residual.test(mark).log2P();
        }
    }

    private RecipientKey recipient(int number) {
        return key.forRecipient(new Recipient("boot" + number, number));
    }

    private Mlp marked(int recipient) {
        Mlp copy = original.copy();
        try (RecipientKey mark = recipient(recipient)) {
            for (Matrix matrix : matrices(copy)) {
                Marker.mark(mark, matrix.name(), FloatBuffer.wrap(matrix.values()));
            }
        }
        return copy;
    }

    /** A clone of the same shape, taught by the copy's answers. */
    private static Mlp distilled(Mlp copy, Samples samples, Random random) {
        var clone = new Mlp(copy.inputs, copy.hidden, copy.outputs, random);
        List<float[]> answers = samples.rows().stream().map(copy::probabilities).toList();
        new Trainer(clone).train(samples.rows(), answers, 1, random);
        return clone;
    }

    /** The weights themselves, not copies. */
    private static List<Matrix> matrices(Mlp model) {
        return List.of(
                new Matrix("first", model.inputs, model.hidden, model.first),
                new Matrix("second", model.hidden, model.outputs, model.second));
    }

    private double accuracy(Mlp model) {
        return World.accuracy(model, test);
    }

    private int flips(Mlp copy) {
        return (int)
                test.rows().stream().filter(row -> copy.label(row) != original.label(row)).count();
    }
}
