package dev.strongroom.serving.guard.limit;

import dev.strongroom.crypto.output.OutputPolicy;
import dev.strongroom.serving.guard.detect.EvidenceProcess;
import dev.strongroom.serving.guard.leak.LeakageLedger;
import dev.strongroom.serving.guard.shape.Rung;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of one caller: rows left of his slice, rows spent under the lease, evidence,
 * rung. Guarded by its own lock; {@link Accounts} gives it out.
 */
public final class Account {
    private static final int MANTISSA = 5;

    final long id;
    private EvidenceProcess process = new EvidenceProcess();
    private double carried = 1;
    private double pooled = 1;
    private Rung rung = Rung.CONTRACT;
    private LeakageLedger ledger = new LeakageLedger();
    @Nullable RowBucket bucket;
    long bucketRows = Long.MAX_VALUE;
    long sliceRows;
    long sliceEndNanos;
    boolean dayIsOver;
    @Nullable CompletableFuture<?> asked;
    long slicePerDay;
    long leaseSeq;
    long leaseRows;
    boolean evicted;
    char group; // a digest, to be fair by

    Account(long id) {
        this.id = id;
    }

    /** Of the caller, on this node. */
    public long id() {
        return id;
    }

    /**
     * Bets on more queries.
     *
     * @param rows p-values of each by score
     * @return this
     */
    public Account add(List<double[]> rows) {
        rows.forEach(process::add);
        return this;
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
        Rung before = rung;
        rung = rung.next(evidence(), ladder);
        return rung != before;
    }

    /** How coarse this caller's answers are. */
    public Rung rung() {
        return rung;
    }

    void restore(Rung kept) {
        rung = kept;
    }

    /** Takes up what is held against the caller elsewhere; of both the worse. */
    Account merge(Standing other) {
        boolean unknown = process.queries() == 0 && carried == 1;
        carried =
                unknown
                        ? other.evidence()
                        : Math.max(carriedEvidence(), other.evidence()) / process.evidence();
        rung = rung.orCoarser(other.rung());
        group = group == 0 ? other.group() : group;
        ledger = new LeakageLedger(Math.max(ledger.bits(), other.bits()));
        return this;
    }

    /**
     * The caller was told more of the model.
     *
     * @return this
     */
    public Account tell(double bits) {
        ledger.add(bits);
        return this;
    }

    /** What the caller was told of the model. */
    public LeakageLedger ledger() {
        return ledger;
    }

    void goOn(LeakageLedger kept) {
        ledger = kept;
    }

    /** Forgets what is held against the caller; what he has spent stays spent. */
    void pardon() {
        process = new EvidenceProcess();
        carried = 1;
        pooled = 1;
        rung = Rung.CONTRACT;
    }

    /** What one row costs beside the tier's price. */
    long price(OutputPolicy.Ladder ladder) {
        return price(evidence(), ladder);
    }

    /**
     * The evidence in coarse steps (1, 2, 5, 10, 20, …), so that a price tells little of it; at
     * most the ladder's highest.
     */
    public static long price(double evidence, OutputPolicy.Ladder ladder) {
        double most = Math.min(evidence, ladder.maxPrice());
        long price = 1;
        for (long unit = 1; unit <= most; unit *= 10) {
            price = unit;
            if (2 * unit <= most) {
                price = 2 * unit;
            }
            if (MANTISSA * unit <= most) {
                price = MANTISSA * unit;
            }
        }
        return price;
    }
}
