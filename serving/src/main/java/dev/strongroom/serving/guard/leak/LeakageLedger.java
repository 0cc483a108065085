package dev.strongroom.serving.guard.leak;

/**
 * The bits that a principal, a group or everybody was told about a model. By the data processing
 * inequality nobody learns more about the weights from the answers than this, so it bounds how many
 * queries an <em>exact</em> copy needs at least. It does not bound an approximate one: a clone that
 * agrees on most inputs takes far fewer.
 *
 * <p>Not thread-safe; eight bytes of state.
 */
public final class LeakageLedger {
    private double bits;

    public LeakageLedger() {}

    /**
     * Goes on from a stored sum.
     *
     * @throws IllegalArgumentException if it is negative or no number
     */
    public LeakageLedger(double bits) {
        if (!(bits >= 0)) {
            throw new IllegalArgumentException("a ledger starts at zero or more bits");
        }
        this.bits = bits;
    }

    /** Adds {@code rows} answers of one kind. */
    public void add(Release release, long rows) {
        add(release.bits() * rows);
    }

    /** Adds an answer of so many bits. */
    public void add(double answer) {
        bits += answer;
    }

    public double bits() {
        return bits;
    }

    /** The fewest answers of one kind from which an exact copy could be made. */
    public static long leastQueries(long weights, int bitsPerWeight, Release release) {
        return (long) Math.ceil(weights * (double) bitsPerWeight / release.bits());
    }
}
