package dev.strongroom.vault.watch;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.LeaseHistory;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's stream of notices: withdrawn keys, moved aliases, ticks, and the end of its lease,
 * after which it is closed. {@link #look} and {@link #close} are thread-safe; a thread of its own
 * does the rest.
 */
public final class LeaseWatch {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseWatch.class);

    /**
     * Keys that are withdrawn one after the other are told together, and so are measures and
     * aliases.
     */
    private static final Duration GATHERING = Duration.ofMillis(250);

    /** Where signed notices go. */
    public interface Line {
        void send(byte[] notice);

        /** The lease is over: nothing more comes. */
        void finish();

        /** The vault cannot go on; the node tries again. */
        void fail();

        /** Runs when the node has gone. */
        void onEnd(Runnable action);
    }

    /** Which conversation a notice belongs to. */
    record Place(String bootId, byte[] stream) {}

    private final AuditLog log;
    private final StatementSigner signer;
    private final Function<String, Set<String>> decoys;
    private final InstantSource clock;
    private final Place place;
    private final Line line;
    private final Semaphore news = new Semaphore(0);
    private final Set<Digest> told = new HashSet<>();
    private List<GuardMeasure> measures = List.of();
    private long toldAlias = -1; // leaf of the last move that the node was told of
    private long count;
    private volatile boolean closed;

    /**
     * @param decoys identities of a tenant whose keys a node is to refuse like withdrawn ones
     */
    LeaseWatch(
            AuditLog log,
            StatementSigner signer,
            Function<String, Set<String>> decoys,
            InstantSource clock,
            Place place,
            Line line) {
        this.log = log;
        this.decoys = decoys;
        this.signer = signer;
        this.clock = clock;
        this.place = place;
        this.line = line;
    }

    void start(Runnable atEnd) {
        Thread.ofVirtual()
                .name("lease-watch-" + place.bootId())
                .start(() -> {
                    try {
                        run();
                    } finally {
                        atEnd.run();
                    }
                });
    }

    /** Something happened that could concern this node. */
    void look() {
        news.release();
    }

    void close() {
        closed = true;
        news.release();
    }

    private void run() {
        try {
            long tickDue = System.nanoTime();
            long keysDue = tickDue;
            long measuresDue = tickDue;
            while (!closed) {
                if (tellEnd()) {
                    line.finish();
                    return;
                }
                boolean gathering = System.nanoTime() - measuresDue < 0;
                if (!gathering && tellChanges()) {
                    measuresDue = System.nanoTime() + GATHERING.toNanos();
                }
                List<Digest> fresh = withdrawn();
                long now = System.nanoTime();
                if (!fresh.isEmpty() && now - keysDue >= 0) {
                    tellWithdrawn(fresh);
                    fresh = List.of();
                    keysDue = now + GATHERING.toNanos();
                }
                if (now - tickDue >= 0) {
                    tell(new Notice.Tick());
                    tickDue = now + LeaseWatches.TICK.toNanos();
                }
                long due = fresh.isEmpty() ? tickDue : earlier(tickDue, keysDue);
                await(gathering ? earlier(due, measuresDue) : due);
            }
            line.fail();
        } catch (SignatureException e) {
            LOG.atWarn().addKeyValue("boot-id", place.bootId()).log("watch.token-does-not-sign");
            line.fail();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Of two readings of a clock that may overflow. */
    private static long earlier(long one, long other) {
        return one - other < 0 ? one : other;
    }

    /** Many occasions to look are one. */
    private void await(long due) throws InterruptedException {
        if (news.tryAcquire(due - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            news.drainPermits();
        }
    }

    /** True when the lease is over, which the node has been told then. */
    private boolean tellEnd() throws SignatureException {
        Optional<LeaseHistory.Held> held = log.views().leases().find(place.bootId());
        Optional<LeaseHistory.End> end = held.flatMap(LeaseHistory.Held::end);
        if (end.isPresent()) {
            LeaseHistory.End by = end.get();
            tell(new Notice.Revoked(by.rule(), by.reason(), by.leaf()));
            return true;
        }
        if (held.filter(still -> still.inForce(clock.instant())).isPresent()) {
            return false;
        }
        tell(new Notice.Tick()); // by it the node knows that its time is up
        return true;
    }

    /** Keys of the tenant that count no more, or never did, and that this node was not told of. */
    private List<Digest> withdrawn() {
        Optional<LeaseHistory.Held> held = log.views().leases().find(place.bootId());
        if (held.isEmpty()) {
            return List.of();
        }
        String tenant = held.get().facts().tenant();
        List<Digest> fresh = new ArrayList<>(log.views().issuedKeys().withdrawnOf(tenant));
        decoys.apply(tenant)
                .forEach(identity -> fresh.addAll(log.views().issuedKeys().keysOf(identity)));
        fresh.removeAll(told);
        return fresh;
    }

    private void tellWithdrawn(List<Digest> fresh) throws SignatureException {
        for (int from = 0; from < fresh.size(); from += Notice.MAX_KEYS) {
            int to = Math.min(from + Notice.MAX_KEYS, fresh.size());
            tell(new Notice.Withdrawn(fresh.subList(from, to)));
        }
        told.addAll(fresh);
    }

    private boolean tellChanges() throws SignatureException {
        boolean measured = tellMeasures();
        return tellAlias() || measured;
    }

    /**
     * All of them whenever one comes or goes; a stream of a node without any hears of none.
     *
     * @return whether there was something to tell
     */
    private boolean tellMeasures() throws SignatureException {
        Optional<LeaseHistory.Held> held = log.views().leases().find(place.bootId());
        if (held.isEmpty()) {
            return false;
        }
        Instant before = clock.instant(); // of looking: what is newer has a later time
        List<GuardMeasure> now = MeasuresInForce.of(log, held.get().facts().model());
        if (now.equals(measures)) {
            return false;
        }
        for (Notice.Measures part : MeasuresInForce.parts(now)) {
            tell(part, before);
        }
        if (now.isEmpty()) {
            tell(new Notice.Measures(List.of(), 0), before);
        }
        measures = now;
        return true;
    }

    /** Of the model's last move, also of one from before the stream. */
    private boolean tellAlias() throws SignatureException {
        Optional<LeaseHistory.Held> held = log.views().leases().find(place.bootId());
        if (held.isEmpty()) {
            return false;
        }
        OptionalLong moved = log.views().aliases().lastLeaf(held.get().facts().model());
        if (moved.isEmpty() || moved.getAsLong() == toldAlias) {
            return false;
        }
        tell(new Notice.AliasMoved(moved.getAsLong()));
        toldAlias = moved.getAsLong();
        return true;
    }

    private void tell(Notice.Message message) throws SignatureException {
        tell(message, clock.instant());
    }

    private void tell(Notice.Message message, Instant at) throws SignatureException {
        count++;
        var notice =
                new Notice(
                        HexFormat.of().parseHex(place.bootId()),
                        place.stream(),
                        count,
                        at,
                        message);
        line.send(notice.sign(signer).encode());
    }
}
