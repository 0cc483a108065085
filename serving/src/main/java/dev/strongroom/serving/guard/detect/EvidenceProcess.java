package dev.strongroom.serving.guard.detect;

import java.nio.ByteBuffer;

/**
 * The evidence that one principal's queries are not honest: the wealth of a gambler who bets
 * against honesty and starts with one.
 *
 * <p>Guarantee (Ville): if the queries are exchangeable with the calibration's, then for every
 * level a the probability that the evidence <em>ever</em> reaches 1/a is at most a; its mean is at
 * most one at every time. A share of the wealth is set aside for bets that begin later, less for
 * each later query and one in sum, so that a long honest past cannot exhaust it and the guarantee
 * still holds for the whole life: a thief who is honest for n queries first gains a factor of about
 * {@code n ln² n}, no more. Evidence of an average run length (restarts at full wealth) would be
 * faster against sleepers and would accuse every honest principal in the end.
 *
 * <p>Not thread-safe. {@value #STATE_BYTES} bytes of state.
 */
public final class EvidenceProcess {
    /** Size of the state that {@link #write} writes. */
    public static final int STATE_BYTES = Long.BYTES + Bets.CAPITALS * Double.BYTES;

    private static final double MOST = 1e250; // far beyond any level; keeps products finite

    private final double[] capitals = new double[Bets.CAPITALS];
    private long queries;

    /** Nothing known: evidence of one. */
    public EvidenceProcess() {}

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws CalibrationFormatException if the bytes are no state
     */
    public static EvidenceProcess read(ByteBuffer state) throws CalibrationFormatException {
        if (state.remaining() < STATE_BYTES) {
            throw new CalibrationFormatException(
                    "evidence: expected " + STATE_BYTES + " bytes, got " + state.remaining());
        }
        var process = new EvidenceProcess();
        process.queries = state.getLong();
        if (process.queries < 0) {
            throw new CalibrationFormatException("evidence: negative count of queries");
        }
        for (int at = 0; at < Bets.CAPITALS; at++) {
            process.capitals[at] = state.getDouble();
            if (!(process.capitals[at] >= 0 && process.capitals[at] <= MOST)) {
                throw new CalibrationFormatException("evidence: capital " + at + " out of range");
            }
        }
        return process;
    }

    /** Writes {@value #STATE_BYTES} bytes, big-endian. */
    public void write(ByteBuffer state) {
        state.putLong(queries);
        for (double capital : capitals) {
            state.putDouble(capital);
        }
    }

    /**
     * Bets on one more query.
     *
     * @param p one p-value for each {@link Score}; NaN where a score says nothing
     */
    public void add(double[] p) {
        double begin = reserve(queries) - reserve(queries + 1);
        queries++;
        var factors = new double[Bets.CAPITALS];
        Bets.factors(p, factors);
        for (int at = 0; at < Bets.CAPITALS; at++) {
            capitals[at] = Math.min(MOST, factors[at] * (capitals[at] + begin));
        }
    }

    /** The wealth now: 1/a or more refutes honesty at level a. */
    public double evidence() {
        double wealth = reserve(queries);
        for (int at = 0; at < Bets.CAPITALS; at++) {
            wealth += Bets.stake(at) * capitals[at];
        }
        return wealth;
    }

    /** Queries that were bet on. */
    public long queries() {
        return queries;
    }

    /** Wealth not yet bet after so many queries: falls to zero so slowly that sleeping is dear. */
    private static double reserve(long queries) {
        return 1 / (1 + Math.log1p((double) queries));
    }
}
