package dev.strongroom.vault.rotation;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.custody.WrappedKey;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.KekTable.Kek;
import dev.strongroom.vault.catalog.KekTable.State;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.WrappedKeyTable;
import dev.strongroom.vault.catalog.WrappedKeyTable.Stored;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Re-wraps every data key of a tenant under a new key-encryption key and can be stopped at any
 * moment: the next call goes on from what is durable. Releases go on meanwhile, since every record
 * names the key it is under and a retired key still opens what it wrapped.
 *
 * <p>Thread-safe; one rotation of a tenant at a time.
 */
public final class Rotation {
    /**
     * How far a rotation is.
     *
     * @param rewrapped records moved by this call
     * @param total records that this call has to move
     */
    public record Progress(
            int fromVersion, int toVersion, long rewrapped, long total, Phase phase) {}

    /** Whether the old key may still be needed. */
    public enum Phase {
        REWRAPPING,
        RETIRED
    }

    private record Step(int from, int to) {}

    private record Rewrapped(VersionId version, byte[] record) {}

    private final Database database;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final int batch;
    private final InstantSource clock;
    private final Set<TenantName> running = ConcurrentHashMap.newKeySet();

    /**
     * A rotation of any tenant's key.
     *
     * @param batch records moved at a time; one audit record names them all
     */
    public Rotation(
            Database database,
            AuditLog log,
            KeyCustodian custodian,
            int batch,
            InstantSource clock) {
        this.database = database;
        this.log = log;
        this.custodian = custodian;
        this.batch = batch;
        this.clock = clock;
    }

    /**
     * Rotates, or goes on with a rotation that was stopped.
     *
     * @param progress told after each durable batch, last with {@link Phase#RETIRED}
     * @throws RefusedException ROTATION_BUSY; TOKEN_CHANGED if the token lacks a key that the
     *     catalogue names: none is made in its place; RECORD_NOT_AUTHENTIC if a record was changed
     *     outside the vault: all others are moved, and the old key stays
     */
    public void rotate(Principal caller, TenantName tenant, Consumer<Progress> progress)
            throws RefusedException, CustodyException {
        database.read(handle -> TenantTable.require(handle, tenant));
        if (!running.add(tenant)) {
            throw new RefusedException(
                    Reason.ROTATION_BUSY,
                    "a rotation of tenant " + tenant + " is running; wait for it");
        }
        try {
            Step step = prepare(caller, tenant);
            rewrapAll(caller, tenant, step, progress);
        } finally {
            running.remove(tenant);
        }
    }

    /** Finds where an earlier call stopped, or makes the next key. */
    private Step prepare(Principal caller, TenantName tenant)
            throws RefusedException, CustodyException {
        List<Kek> keks = database.read(handle -> KekTable.all(handle, tenant));
        requireInToken(tenant, keks);
        int active = version(keks, State.ACTIVE).orElseThrow();
        Optional<Integer> retiring = version(keks, State.RETIRING);
        if (retiring.isPresent()) {
            return new Step(retiring.get(), active);
        }
        int next = version(keks, State.PENDING).orElse(-1);
        if (next < 0) {
            next = keks.getLast().version() + 1;
            announce(caller, tenant, active, next);
        }
        createUnlessMade(tenant, next);
        FaultPoint.KEK_CREATED.reached();
        activate(tenant, active, next);
        return new Step(active, next);
    }

    private void requireInToken(TenantName tenant, List<Kek> keks)
            throws RefusedException, CustodyException {
        List<Integer> inToken = custodian.keks(tenant).stream().map(KekInfo::version).toList();
        for (Kek kek : keks) {
            if (kek.state() != State.PENDING && !inToken.contains(kek.version())) {
                throw new RefusedException(
                        Reason.TOKEN_CHANGED,
                        "the token lacks key-encryption key "
                                + kek.version()
                                + " of tenant "
                                + tenant
                                + "; restore the token, no key is made in its place");
            }
        }
    }

    private static Optional<Integer> version(List<Kek> keks, State state) {
        return keks.stream().filter(kek -> kek.state() == state).map(Kek::version).findFirst();
    }

    private void announce(Principal caller, TenantName tenant, int from, int to)
            throws RefusedException {
        log.<RuntimeException>appendSigned(handle -> {
            KekTable.insertPending(handle, tenant, to, clock.instant());
            return decision(AuditRecord.KEK_CREATED, caller, tenant, new Step(from, to));
        });
    }

    private void createUnlessMade(TenantName tenant, int version) throws CustodyException {
        boolean made = custodian.keks(tenant).stream().anyMatch(kek -> kek.version() == version);
        if (!made) {
            custodian.createKek(tenant, version);
        }
    }

    private void activate(TenantName tenant, int from, int to) {
        database.change(handle -> {
            KekTable.move(handle, tenant, from, State.ACTIVE, State.RETIRING);
            KekTable.move(handle, tenant, to, State.PENDING, State.ACTIVE);
        });
    }

    private void rewrapAll(
            Principal caller, TenantName tenant, Step step, Consumer<Progress> progress)
            throws RefusedException, CustodyException {
        long total = count(tenant, step.from());
        long moved = 0;
        var refused = new ArrayList<VersionId>();
        String after = "";
        while (true) {
            progress.accept(new Progress(step.from(), step.to(), moved, total, Phase.REWRAPPING));
            List<Stored> batch = page(tenant, step.from(), after);
            if (batch.isEmpty()) {
                break;
            }
            moved += move(caller, tenant, step, batch, refused);
            after = batch.getLast().version().hex();
        }
        if (!refused.isEmpty()) {
            throw new RefusedException(
                    Reason.RECORD_NOT_AUTHENTIC,
                    refused.size()
                            + " key record(s) were changed outside the vault, the first of version "
                            + refused.getFirst()
                            + "; key "
                            + step.from()
                            + " is not retired: restore the database from a backup, then rotate"
                            + " again");
        }
        retire(caller, tenant, step);
        progress.accept(new Progress(step.from(), step.to(), moved, total, Phase.RETIRED));
    }

    private long move(
            Principal caller,
            TenantName tenant,
            Step step,
            List<Stored> batch,
            List<VersionId> refused)
            throws RefusedException, CustodyException {
        var rewrapped = new ArrayList<Rewrapped>();
        for (Stored stored : batch) {
            try {
                rewrapped.add(rewrap(tenant, stored, step));
            } catch (CustodyException e) {
                if (e.reason() != CustodyException.Reason.RECORD_NOT_AUTHENTIC) {
                    throw e;
                }
                refused.add(stored.version());
            }
        }
        if (rewrapped.isEmpty()) {
            return 0;
        }
        log.appendSigned(batchDecision(caller, tenant, step, rewrapped));
        FaultPoint.BATCH_AUDITED.reached();
        return database.<Long, RuntimeException>write(handle -> {
            long replaced = 0;
            for (Rewrapped key : rewrapped) {
                replaced +=
                        WrappedKeyTable.replace(
                                handle, key.version(), step.from(), step.to(), key.record());
            }
            FaultPoint.BATCH_IN_TRANSACTION.reached();
            return replaced;
        });
    }

    private Rewrapped rewrap(TenantName tenant, Stored stored, Step step) throws CustodyException {
        WrappedKey.AtRest record = custodian.authenticate(stored.record());
        if (!record.versionId().equals(stored.version())
                || !record.tenant().equals(tenant)
                || record.kekVersion() != step.from()) {
            throw new CustodyException(
                    CustodyException.Reason.RECORD_NOT_AUTHENTIC,
                    "the record is of another version than its row");
        }
        return new Rewrapped(stored.version(), custodian.rewrap(record, step.to()).encoded());
    }

    private static Decision batchDecision(
            Principal caller, TenantName tenant, Step step, List<Rewrapped> batch) {
        Decision decision =
                decision(AuditRecord.KEK_REWRAPPED, caller, tenant, step)
                        .with("records", batch.size());
        for (Rewrapped key : batch) {
            decision = decision.with("v." + key.version(), Digest.sha256(key.record()));
        }
        return decision;
    }

    private void retire(Principal caller, TenantName tenant, Step step)
            throws RefusedException, CustodyException {
        long left = count(tenant, step.from());
        if (left > 0) {
            throw new IllegalStateException(left + " records left under key " + step.from());
        }
        FaultPoint.BEFORE_RETIRE.reached();
        log.appendSigned(decision(AuditRecord.KEK_RETIRED, caller, tenant, step));
        custodian.retireKek(tenant, step.from());
        database.change(handle ->
                KekTable.move(handle, tenant, step.from(), State.RETIRING, State.RETIRED));
    }

    private static Decision decision(String type, Principal caller, TenantName tenant, Step step) {
        return Decision.of(type, caller.uri(), tenant.value())
                .with("tenant", tenant)
                .with("from", step.from())
                .with("to", step.to());
    }

    private long count(TenantName tenant, int kek) {
        return database.read(handle -> WrappedKeyTable.count(handle, tenant, kek));
    }

    private List<Stored> page(TenantName tenant, int kek, String after) {
        return database.read(handle -> WrappedKeyTable.page(handle, tenant, kek, after, batch));
    }
}
