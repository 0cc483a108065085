package dev.strongroom.serving.guard.detect;

import dev.strongroom.serving.guard.detect.Judgement.Echoed;
import dev.strongroom.serving.guard.detect.Judgement.Judged;
import dev.strongroom.serving.guard.detect.Judgement.Repeated;
import java.security.SecureRandom;
import java.util.OptionalLong;

/**
 * Judges the queries of one model and tenant as they are served: how strange each is against the
 * calibration, and how near to earlier ones.
 *
 * <p>Only a principal's own earlier queries make nearness evidence against it, so that nobody is
 * accused for what others asked. Thread-safe; callers wait for each other only while a query is
 * compared with the last ones of its class.
 */
public final class Detector {
    private static final float LINK_SHARE = 0.7f; // of a squared distance that is rare already
    private static final int REMEMBERED_INPUTS = 1 << 16; // one MiB; more than rings remember

    private final Calibration calibration;
    private final ServedRing ring;
    private final SeenInputs seen;
    private final TieBreaker ties;

    /**
     * @param random gives the secrets that decide ties and hide which inputs are remembered
     */
    public Detector(Calibration calibration, SecureRandom random) {
        this.calibration = calibration;
        this.ring = new ServedRing(calibration.references());
        var key = new byte[32];
        random.nextBytes(key);
        this.seen = new SeenInputs(REMEMBERED_INPUTS, key);
        this.ties = new TieBreaker(random.nextLong());
    }

    public Calibration calibration() {
        return calibration;
    }

    /**
     * Judges one row of a query. What is evidence is for the caller to add to the {@link
     * EvidenceProcess} of the principal.
     *
     * @param principal who asks; the same number for the same principal, never {@link
     *     Long#MIN_VALUE}
     * @param outputs probabilities or logits, before any policy changed them
     */
    public Judgement judge(long principal, float[] input, float[] features, float[] outputs) {
        return switch (seen.ask(principal, input)) {
            case REPEATED -> new Repeated();
            case ECHOED -> new Echoed(judgeNew(principal, input, features, outputs).p());
            case NEW -> judgeNew(principal, input, features, outputs);
        };
    }

    /**
     * The p-values that a new input would be given now; nothing of it is remembered. What a thief
     * with a copy of this can know beforehand.
     */
    public double[] foresee(long principal, float[] input, float[] features, float[] outputs) {
        Observation query = calibration.observe(input, features, outputs);
        return judged(query, ring.look(query.predicted(), query.place(), principal)).p();
    }

    private Judged judgeNew(long principal, float[] input, float[] features, float[] outputs) {
        Observation query = calibration.observe(input, features, outputs);
        return judged(query, ring.visit(query.predicted(), query.place(), principal));
    }

    private Judged judged(Observation query, ServedRing.Nearest nearest) {
        int predicted = query.predicted();
        var p = new double[Score.COUNT];
        float[] single = query.single(calibration.references());
        calibration.tables().strangeness(predicted, single, ties, p);
        p[Score.LAST] = nearness(predicted, nearest, single);
        return new Judged(p, copies(predicted, nearest, single));
    }

    private double nearness(int predicted, ServedRing.Nearest nearest, float[] single) {
        return nearest.owned() == 0
                ? Double.NaN
                : calibration
                        .tables()
                        .nearness(
                                predicted,
                                Nearness.ratio(nearest.own(), single),
                                nearest.owned(),
                                ties.next());
    }

    private OptionalLong copies(int predicted, ServedRing.Nearest nearest, float[] single) {
        return Nearness.ratio(nearest.other(), single)
                        < LINK_SHARE * calibration.linkRatios()[predicted]
                ? OptionalLong.of(nearest.otherOwner())
                : OptionalLong.empty();
    }
}
