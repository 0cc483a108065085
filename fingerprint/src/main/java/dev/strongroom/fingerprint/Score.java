package dev.strongroom.fingerprint;

/**
 * How well a suspect fits one recipient's key.
 *
 * <p>For any suspect that was made without the key, whatever it is, {@code t} is a weighted sum of
 * independent fair signs, so that P(t ≥ x) ≤ exp(-x²/2) (Hoeffding, 1963). The only randomness is
 * the key's: nothing is assumed about models, training or data.
 *
 * @param t normalised correlation; around 0 with spread 1 for who is innocent
 * @param weights that were compared
 */
public record Score(double t, long weights) {
    /** Base-2 logarithm of the bound on the p-value for this key alone; 0 says nothing. */
    public double log2P() {
        return t <= 0 ? 0 : -t * t / 2 / Math.log(2);
    }

    /**
     * The same when the best of several recipients is reported (union bound).
     *
     * @param recipients keys that were tried, at least 1
     */
    public double log2PAmong(long recipients) {
        return Math.min(0, log2P() + Math.log((double) recipients) / Math.log(2));
    }
}
