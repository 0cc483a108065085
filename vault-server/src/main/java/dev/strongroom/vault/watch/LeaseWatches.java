package dev.strongroom.vault.watch;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.crypto.format.StatementSigner;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.SignatureException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that listen. Each has a thread of its own, which looks at the log's views whenever a
 * record could concern it and every {@link #TICK} besides: what a node is told is what the log
 * says.
 *
 * <p>Thread-safe.
 */
public final class LeaseWatches implements AutoCloseable {
    /** A node that hears nothing for three of these opens its stream again. */
    public static final Duration TICK = Duration.ofSeconds(10);

    private static final int MAX_WATCHES = 10_000;
    private static final int MAX_WATCHES_PER_PRINCIPAL = 256;
    private static final int OPENS_A_MINUTE = 600; // of one identity: all its nodes come back
    private static final int OPENS_A_MINUTE_OF_BOOT = 20; // a node waits a second or more

    private final AuditLog log;
    private final Supplier<? extends StatementSigner> signer;
    private final Function<String, Set<String>> decoys;
    private final InstantSource clock;
    private final Pace identities;
    private final Pace boots;
    private final Map<String, LeaseWatch> watches = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * Watches of a vault.
     *
     * @param signer asked once for each stream: its node knows the key of that moment
     * @param decoys identities of a tenant whose keys nodes are to refuse like withdrawn ones
     */
    public LeaseWatches(
            AuditLog log,
            Supplier<? extends StatementSigner> signer,
            Function<String, Set<String>> decoys,
            InstantSource clock) {
        this.log = log;
        this.decoys = decoys;
        this.signer = signer;
        this.clock = clock;
        this.identities = new Pace("lease streams", OPENS_A_MINUTE, Duration.ofMinutes(1), clock);
        this.boots =
                new Pace("lease streams", OPENS_A_MINUTE_OF_BOOT, Duration.ofMinutes(1), clock);
        log.listen(this::wake);
    }

    /** Only those whom it concerns look: each look may have the token sign. */
    private void wake(AuditRecord record) {
        switch (record.type()) {
            case AuditRecord.REVOCATION_SET -> wake(held -> held.end().isPresent());
            case AuditRecord.IDENTITY_WITHDRAWN,
                    AuditRecord.DECOY_TOUCHED,
                    AuditRecord.QUARANTINE_LIFTED ->
                    wakeTenantOf(record.fields().get("identity"));
            case AuditRecord.GUARD_TIGHTENED, AuditRecord.GUARD_LOOSENED, AuditRecord.ALIAS_MOVED ->
                    wakeNodesOf(record.fields().get("model"));
            default -> {}
        }
    }

    private void wakeTenantOf(@Nullable String identity) {
        Optional.ofNullable(identity)
                .flatMap(Principal::ofUri)
                .ifPresent(whose -> wake(held -> held.facts().tenant().equals(whose.tenant())));
    }

    private void wakeNodesOf(@Nullable String model) {
        wake(held -> held.facts().model().toString().equals(model));
    }

    private void wake(Predicate<LeaseHistory.Held> concerned) {
        watches.forEach((bootId, watch) -> {
            if (log.views().leases().find(bootId).filter(concerned).isPresent()) {
                watch.look();
            }
        });
    }

    /**
     * Begins to tell a node what happens to its lease; takes the place of an earlier stream of the
     * same boot.
     *
     * @param bootId whose lease, the caller's
     * @param stream the node's 32 bytes, which every notice repeats
     * @throws RefusedException LEASE_NOT_FOUND, TOO_MANY_WATCHES, TOO_MANY_REQUESTS
     */
    public void open(Principal caller, byte[] bootId, byte[] stream, LeaseWatch.Line line)
            throws RefusedException {
        identities.step(caller.uri());
        String name = HexFormat.of().formatHex(bootId);
        LeaseHistory.Held held =
                log.views()
                        .leases()
                        .find(name)
                        .filter(found -> found.facts().node().equals(caller.uri()))
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.LEASE_NOT_FOUND,
                                        "no lease of this boot was given to " + caller.uri()));
        boots.step("boot " + name);
        requireRoom(caller);
        var watch =
                new LeaseWatch(
                        log,
                        signer.get(),
                        decoys,
                        clock,
                        new LeaseWatch.Place(held.bootId(), stream),
                        line);
        LeaseWatch before = watches.put(name, watch);
        if (before != null) {
            before.close();
        }
        line.onEnd(() -> forget(name, watch));
        if (closed) {
            forget(name, watch);
        } else {
            watch.start(() -> forget(name, watch));
        }
    }

    /**
     * What a boot's stream would tell it to hold against callers, for the answer to a renewal:
     * signed notices; none where nothing holds.
     *
     * @param nonce the node's 32 bytes, in the place of a stream's
     * @throws RefusedException TOKEN_UNAVAILABLE
     */
    public List<byte[]> orders(byte[] bootId, byte[] nonce, ModelName model)
            throws RefusedException {
        var notices = new ArrayList<byte[]>();
        Instant before = clock.instant(); // of looking: what is newer has a later time
        try {
            for (var part : MeasuresInForce.parts(MeasuresInForce.of(log, model))) {
                var notice = new Notice(bootId, nonce, notices.size() + 1, before, part);
                notices.add(notice.sign(signer.get()).encode());
            }
        } catch (SignatureException e) {
            throw new RefusedException(
                    Reason.TOKEN_UNAVAILABLE,
                    "the token did not sign what nodes are to hold against callers; ask again",
                    e);
        }
        return notices;
    }

    private void requireRoom(Principal caller) throws RefusedException {
        long mine =
                watches.keySet().stream()
                        .flatMap(boot -> log.views().leases().find(boot).stream())
                        .filter(held -> held.facts().node().equals(caller.uri()))
                        .count();
        if (watches.size() >= MAX_WATCHES || mine >= MAX_WATCHES_PER_PRINCIPAL) {
            throw new RefusedException(
                    Reason.TOO_MANY_WATCHES, "too many nodes listen; try again later");
        }
    }

    private void forget(String bootId, LeaseWatch watch) {
        watches.remove(bootId, watch);
        watch.close();
    }

    /** How many of these listen. */
    public int listening(Collection<LeaseHistory.Held> leases) {
        return (int) leases.stream().filter(held -> watches.containsKey(held.bootId())).count();
    }

    /** Ends every stream, so that nodes open others under the vault's present key. */
    public void reopen() {
        watches.forEach(this::forget);
    }

    /** Ends every stream; nodes open them again at the vault's next start. */
    @Override
    public void close() {
        closed = true;
        watches.forEach(this::forget);
    }
}
