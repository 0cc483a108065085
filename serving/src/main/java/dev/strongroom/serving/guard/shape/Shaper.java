package dev.strongroom.serving.guard.shape;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.crypto.output.ShownOutput.Kind;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.serving.engine.ElementType;
import dev.strongroom.serving.engine.Tensor;
import dev.strongroom.serving.guard.noise.CellNoise;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.spec.SecretKeySpec;

/**
 * Gives a caller what his tier and his rung let him have of an answer. The best class of every row
 * is the model's, whatever else is taken.
 *
 * <p>Thread-safe.
 */
public final class Shaper {
    private static final double PERMILLE = 1000;
    private static final int COARSE_DIGITS = 2;
    private static final int COARSEST_DIGITS = 1; // of vectors, which have no best class
    private static final double SUMS_TO_ONE = 1e-2; // half floats of a thousand classes
    private static final int MAX_ROTATIONS = 256; // sizes times groups; beyond, they are made anew

    private final OutputPolicy policy;
    private final SecretKeySpec key;
    private final Optional<CellNoise> noise;
    private final ConcurrentHashMap<String, Rotation> rotations = new ConcurrentHashMap<>();

    /**
     * @param key of the version: of the groups' rotations and the noise
     */
    public Shaper(OutputPolicy policy, SecretKeySpec key) {
        this.policy = policy;
        this.key = key;
        this.noise = noise(policy.noise(), key);
    }

    private static Optional<CellNoise> noise(OutputPolicy.Noise rules, SecretKeySpec key) {
        return rules.state() == OutputPolicy.Switch.OFF
                ? Optional.empty()
                : Optional.of(
                        new CellNoise(
                                key,
                                rules.cellPermille() / PERMILLE,
                                rules.amplitudePermille() / PERMILLE));
    }

    /** What an output shows to a tier; empty: nothing. */
    public Optional<Kind> kind(Tier tier, String output) {
        return tier.shows(output) ? policy.kindOf(output) : Optional.empty();
    }

    /** Whether there are scores in an output, and not classes, tokens or texts alone. */
    public static boolean areScores(Kind kind, ElementType type) {
        return switch (kind) {
            case LABELS -> false;
            case AUTO ->
                    switch (type) {
                        case BOOL, BYTES -> false;
                        case FP16, BF16, FP32, FP64 -> true;
                        default -> Integers.areScores(type);
                    };
            default -> true;
        };
    }

    /**
     * Shapes an output that the tier shows.
     *
     * @param kind as {@link #kind} said
     */
    public Tensor shape(Tensor answer, Kind kind, Tier tier, Rung rung, String group) {
        if (kind != Kind.LABELS && Integers.areIn(answer)) {
            return shapeIntegers(answer, kind, tier, rung);
        }
        if (kind == Kind.LABELS || !Numbers.areIn(answer)) {
            return answer;
        }
        int length = Numbers.rowLength(answer.shape());
        Kind actual = kind == Kind.AUTO ? judged(answer, length, tier) : kind;
        if (isUntouched(actual, tier, rung)) {
            return answer;
        }
        Optional<Rotation> rotation =
                actual == Kind.EMBEDDING && tier.rotate()
                        ? Optional.of(rotation(group, length))
                        : Optional.empty();
        Numbers from = Numbers.in(answer);
        Numbers to = Numbers.like(answer);
        var row = new double[length];
        for (int i = 0; i < from.rows(length); i++) {
            from.read(i, row);
            if (actual == Kind.EMBEDDING) {
                rotation.ifPresent(turned -> turned.turn(row));
                shapeVector(answer, row, tier, rung);
                to.write(i, row);
            } else {
                to.write(i, shapeClasses(answer, row, actual, tier, rung));
            }
        }
        return to.as(answer);
    }

    /**
     * Integers have no scale that a softmax would need: who may not see raw scores gets the best
     * class, and nothing is rotated.
     */
    private static Tensor shapeIntegers(Tensor answer, Kind kind, Tier tier, Rung rung) {
        if (kind == Kind.AUTO && !Integers.areScores(answer.type())) {
            return answer;
        }
        int length = Numbers.rowLength(answer.shape());
        boolean vector = length < 2 || kind == Kind.EMBEDDING || (kind == Kind.AUTO && tier.raw());
        boolean scores = vector || tier.raw() || kind == Kind.PROBABILITIES;
        int digits = digits(tier, rung);
        boolean bare = !vector && (!scores || rung.compareTo(Rung.TOP1) >= 0);
        return Integers.coarsened(
                answer,
                length,
                row -> {
                    if (bare) {
                        Integers.only(row, answer.type());
                        return;
                    }
                    Integers.round(row, answer.type(), digits);
                    if (!vector) {
                        Integers.keepBest(row, answer.type(), tier.topK());
                    }
                });
    }

    /** What an output is that the policy leaves to be judged by the answer. */
    static Kind judged(Tensor answer, int length, Tier tier) {
        if (length < 2) {
            return Kind.EMBEDDING;
        }
        Numbers numbers = Numbers.in(answer);
        var row = new double[length];
        for (int i = 0; i < numbers.rows(length); i++) {
            numbers.read(i, row);
            double sum = 0;
            double least = 0;
            for (double value : row) {
                sum += value;
                least = Math.min(least, value);
            }
            if (least < 0 || !(Math.abs(sum - 1) < SUMS_TO_ONE)) {
                return tier.raw() ? Kind.EMBEDDING : Kind.LOGITS;
            }
        }
        return Kind.PROBABILITIES;
    }

    private boolean isUntouched(Kind kind, Tier tier, Rung rung) {
        if (rung != Rung.CONTRACT || tier.digits() != Tier.EXACT) {
            return false;
        }
        return switch (kind) {
            case EMBEDDING -> !tier.rotate();
            case LOGITS, LOGPROBS -> tier.raw() && isWhole(tier);
            default -> isWhole(tier);
        };
    }

    private boolean isWhole(Tier tier) {
        return tier.topK() == Tier.ALL && noise.isEmpty();
    }

    private static void shapeVector(Tensor answer, double[] row, Tier tier, Rung rung) {
        int digits = digits(tier, rung);
        if (digits > Numbers.digits(answer.type())) {
            return;
        }
        Lead lead = Lead.of(row);
        double unit = Precision.scale(row) * Math.pow(10, -digits);
        Precision.round(row, unit);
        lead.restore(row, unit);
    }

    static int digits(Tier tier, Rung rung) {
        return switch (rung) {
            case CONTRACT -> tier.digits();
            case COARSE -> Math.min(tier.digits(), COARSE_DIGITS);
            case TOP1, LABEL -> Math.min(tier.digits(), COARSEST_DIGITS);
        };
    }

    /** Probabilities, or their logarithms where a tier sees logarithms. */
    private double[] shapeClasses(Tensor answer, double[] row, Kind kind, Tier tier, Rung rung) {
        Lead lead = Lead.of(row);
        boolean logarithms = kind == Kind.LOGPROBS || (kind == Kind.LOGITS && tier.raw());
        boolean exact = rung == Rung.CONTRACT && tier.digits() == Tier.EXACT;
        if (logarithms && exact && noise.isEmpty()) {
            Precision.keepBest(row, tier.topK(), Double.NEGATIVE_INFINITY);
            return row;
        }
        switch (kind) {
            case LOGITS -> Precision.softmax(row);
            case LOGPROBS -> Precision.exp(row);
            default -> {}
        }
        double[] shaped = row;
        double step = Numbers.step(answer.type(), 1);
        switch (rung) {
            case CONTRACT, COARSE -> {
                shaped = disturbed(row);
                int digits =
                        rung == Rung.COARSE
                                ? Math.min(tier.digits(), COARSE_DIGITS)
                                : tier.digits();
                if (digits <= Numbers.digits(answer.type())) {
                    step = Math.pow(10, -digits);
                    Precision.round(shaped, step);
                }
                lead.restore(shaped, step);
                Precision.keepBest(shaped, tier.topK(), 0);
            }
            case TOP1 -> Precision.band(row, lead.best());
            case LABEL -> Precision.only(row, lead.best(), 1);
        }
        if (logarithms) {
            Precision.log(shaped);
        }
        return shaped;
    }

    private double[] disturbed(double[] row) {
        return noise.isPresent() ? noise.get().disturb(row) : row;
    }

    private Rotation rotation(String group, int length) {
        if (rotations.size() > MAX_ROTATIONS) {
            rotations.clear();
        }
        return rotations.computeIfAbsent(
                length + "/" + group, _ -> new Rotation(key, group, length));
    }
}
