package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.detect.EvidenceProcess;
import dev.strongroom.serving.guard.shape.Rung;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of one caller: rows left of his slice, rows spent under the lease, evidence,
 * rung. Guarded by its own lock; {@link Accounts} gives it out.
 */
public final class Account {
    private static final int MANTISSA = 5; // prices are 1, 2, 5, 10, 20, …

    final long id;
    private EvidenceProcess process = new EvidenceProcess();
    private double carried = 1;
    private double pooled = 1;
    private Rung rung = Rung.CONTRACT;
    private Rung floor = Rung.CONTRACT;
    private boolean suspended;
    @Nullable RowBucket bucket;
    long bucketRows = Long.MAX_VALUE;
    long sliceRows;
    long sliceEndNanos;
    boolean dayIsOver;
    @Nullable CompletableFuture<?> asked;
    long leaseSeq;
    long leaseRows;
    boolean evicted;

    Account(long id) {
        this.id = id;
    }

    /** Of the caller, on this node. */
    public long id() {
        return id;
    }

    /** The process that this caller's queries are added to. */
    public EvidenceProcess process() {
        return process;
    }

    /** What came of a query: the evidence pooled with others, 1 if alone. */
    public void pool(double evidence) {
        pooled = evidence;
    }

    /** Against the caller's honesty; one or less is none. */
    public double evidence() {
        return Math.max(carried * process.evidence(), pooled);
    }

    double carriedEvidence() {
        return carried * process.evidence();
    }

    /** Evidence from before this process or this stay in memory. */
    void carry(double evidence) {
        carried = evidence;
    }

    /**
     * Climbs or falls by the evidence.
     *
     * @return true if the rung changed
     */
    public boolean climb(OutputPolicy.Ladder ladder) {
        Rung before = rung();
        rung = rung.next(evidence(), ladder);
        return rung() != before;
    }

    /** How coarse this caller's answers are. */
    public Rung rung() {
        return rung.orCoarser(floor);
    }

    Rung statisticalRung() {
        return rung;
    }

    Rung floor() {
        return floor;
    }

    void restore(Rung statistical, Rung least, boolean isSuspended) {
        rung = statistical;
        floor = least;
        suspended = isSuspended;
    }

    /** Answers are no finer than this from now on. */
    public void tighten(Rung least) {
        floor = floor.orCoarser(least);
    }

    /** Forgets what is held against the caller; what he has spent stays spent. */
    void pardon() {
        process = new EvidenceProcess();
        carried = 1;
        pooled = 1;
        restore(Rung.CONTRACT, Rung.CONTRACT, false);
    }

    /** No answers from now on. */
    public void suspend() {
        suspended = true;
    }

    public boolean isSuspended() {
        return suspended;
    }

    /**
     * What one row costs beside the tier's price: the evidence in coarse steps, so that a price
     * tells little of it.
     */
    public long price(OutputPolicy.Ladder ladder) {
        double evidence = Math.min(evidence(), ladder.maxPrice());
        long price = 1;
        long unit = 1;
        while (unit <= evidence) {
            price = unit;
            if (2 * unit <= evidence) {
                price = 2 * unit;
            }
            if (MANTISSA * unit <= evidence) {
                price = MANTISSA * unit;
            }
            unit *= 10;
        }
        return price;
    }
}
