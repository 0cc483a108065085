package dev.strongroom.vault.rotation;

import dev.strongroom.crypto.custody.CustodyException;
import dev.strongroom.crypto.custody.KekInfo;
import dev.strongroom.crypto.custody.KeyCustodian;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.KekDestruction;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.backup.Backups;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.KekTable;
import dev.strongroom.vault.catalog.KekTable.Kek;
import dev.strongroom.vault.catalog.KekTable.State;
import dev.strongroom.vault.catalog.LeafTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.VersionTable;
import dev.strongroom.vault.fault.FaultPoint;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Ends retired key-encryption keys for ever: after a waiting period, when nothing needs the key any
 * more, and with the approval of more than one person. Stopped in the middle, the same call goes
 * on.
 *
 * <p>Thread-safe; one destruction at a time.
 */
public final class Destruction {
    /**
     * What a destruction would meet.
     *
     * @param notBefore the end of the waiting period; empty for a key that is not retired
     * @param obstacles everything that is in its way now, approvals aside
     */
    public record Plan(State state, Optional<Instant> notBefore, List<String> obstacles) {
        public Plan {
            obstacles = List.copyOf(obstacles);
        }
    }

    private static final int A_MINUTE = 30; // each has the token authenticate every record

    private final Database database;
    private final AuditLog log;
    private final KeyCustodian custodian;
    private final Backups backups;
    private final ApprovalDesk approvals;
    private final Duration wait;
    private final InstantSource clock;
    private final Pace pace;
    private final ReentrantLock destroying = new ReentrantLock();

    /**
     * Destruction of any tenant's keys.
     *
     * @param wait how long a key stays retired before it may be destroyed
     */
    public Destruction(
            Database database,
            AuditLog log,
            KeyCustodian custodian,
            Backups backups,
            ApprovalDesk approvals,
            Duration wait,
            InstantSource clock) {
        this.database = database;
        this.log = log;
        this.custodian = custodian;
        this.backups = backups;
        this.approvals = approvals;
        this.wait = wait;
        this.clock = clock;
        this.pace = new Pace("looks at what needs a key", A_MINUTE, Duration.ofMinutes(1), clock);
    }

    /**
     * Looks for everything that needs the key; the token authenticates every record of the tenant.
     *
     * @throws RefusedException KEK_NOT_FOUND
     */
    public Plan plan(TenantName tenant, int version)
            throws RefusedException, CustodyException, InterruptedException {
        pace.step(tenant.value());
        Kek kek = require(tenant, version);
        List<String> obstacles = new ArrayList<>();
        Optional<Instant> retired = Optional.empty();
        if (kek.state() == State.RETIRED) {
            retired = Optional.of(timeOf(tenant, version, kek.retiredLeaf(), Event.RETIRED));
            lookForUses(tenant, version, retired.get(), obstacles);
        } else if (kek.isNeeded() || kek.state() == State.PENDING) {
            obstacles.add("it is " + kek.state().label() + ", not retired");
        }
        return new Plan(kek.state(), retired.map(time -> time.plus(wait)), obstacles);
    }

    private void lookForUses(
            TenantName tenant, int version, Instant retired, List<String> obstacles)
            throws CustodyException, InterruptedException {
        if (clock.instant().isBefore(retired.plus(wait))) {
            obstacles.add("it has to stay retired until " + retired.plus(wait));
        }
        Inspection.Finding finding = Inspection.of(database, custodian).of(tenant, version);
        if (!finding.under().isEmpty()) {
            obstacles.add(finding.under().size() + " record(s) are under it");
        }
        if (!finding.changed().isEmpty()) {
            obstacles.add(
                    finding.changed().size()
                            + " record(s) were changed outside the vault and may be under it");
        }
        for (Backups.Copy backup : backups.kept()) {
            if (mayNeed(backup, tenant, version)) {
                obstacles.add("backup " + backup.name() + " needs it, or cannot be read");
            }
        }
        long uploads =
                database.read(handle -> VersionTable.unfinishedBefore(handle, tenant, retired));
        if (uploads > 0) {
            obstacles.add(uploads + " upload(s) that are older than its retirement are unfinished");
        }
    }

    /** The token looks at every record of the copy too: what its rows say counts for nothing. */
    private boolean mayNeed(Backups.Copy backup, TenantName tenant, int version)
            throws CustodyException, InterruptedException {
        if (backup.database().isEmpty()) {
            return true;
        }
        try {
            return !Inspection.of(backup.database().get(), custodian).of(tenant, version).isClear();
        } catch (IOException e) {
            return true; // what cannot be read may need anything
        }
    }

    /**
     * Destroys the key. Destroying one that is destroyed changes nothing.
     *
     * @param confirmation the key's name, typed back: {@code acme/3}
     * @throws RefusedException KEK_IN_USE with what is in its way; APPROVAL_MISSING;
     *     REQUEST_MALFORMED if the confirmation is of another key
     */
    public void destroy(Principal caller, TenantName tenant, int version, String confirmation)
            throws RefusedException, CustodyException, InterruptedException {
        String name = tenant + "/" + version;
        if (!confirmation.equals(name)) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "the confirmation is not the name of the key to destroy, " + name);
        }
        destroying.lock();
        try {
            Plan plan = plan(tenant, version);
            if (!plan.obstacles().isEmpty()) {
                throw new RefusedException(
                        Reason.KEK_IN_USE,
                        "key-encryption key "
                                + name
                                + " is not destroyed: "
                                + String.join("; ", plan.obstacles()));
            }
            switch (plan.state()) {
                case DESTROYED -> {}
                case DESTROYING -> finish(tenant, version);
                default -> {
                    decide(caller, tenant, version);
                    finish(tenant, version);
                }
            }
        } finally {
            destroying.unlock();
        }
    }

    /** The approvals are used up in the transaction that decides. */
    private void decide(Principal caller, TenantName tenant, int version)
            throws RefusedException, CustodyException {
        String keyId =
                custodian.keks(tenant).stream()
                        .filter(kek -> kek.version() == version)
                        .map(KekInfo::keyId)
                        .findFirst()
                        .orElseThrow(() -> notFound(tenant, version));
        Change change = Change.of(new KekDestruction(tenant, version, keyId));
        log.<RefusedException>appendSigned(handle -> {
            KekTable.decideDestruction(handle, tenant, version, LeafTable.next(handle));
            Decision decision =
                    Decision.of(AuditRecord.KEK_DESTROYED, caller.uri(), tenant.value())
                            .with("tenant", tenant)
                            .with("version", version)
                            .with("key-id", keyId);
            return approvals.use(handle, change, decision);
        });
        FaultPoint.DESTRUCTION_AUDITED.reached();
    }

    /** What the log says was decided, however often it takes. */
    private void finish(TenantName tenant, int version) throws RefusedException, CustodyException {
        var _ =
                timeOf(
                        tenant,
                        version,
                        require(tenant, version).destroyLeaf(),
                        Event.DESTRUCTION_DECIDED);
        custodian.destroyKek(tenant, version);
        FaultPoint.DESTROYED_IN_TOKEN.reached();
        database.change(handle -> KekTable.destroyed(handle, tenant, version));
    }

    private enum Event {
        RETIRED(AuditRecord.KEK_RETIRED, "from"),
        DESTRUCTION_DECIDED(AuditRecord.KEK_DESTROYED, "version");

        final String type;
        final String versionField;

        Event(String type, String versionField) {
            this.type = type;
            this.versionField = versionField;
        }
    }

    /** When something happened to a key, as the log has it; a row only finds the leaf. */
    private Instant timeOf(TenantName tenant, int version, Optional<Long> leaf, Event event)
            throws RefusedException {
        if (leaf.isPresent()) {
            AuditRecord record = decode(leaf.get());
            boolean ours =
                    record.type().equals(event.type)
                            && tenant.value().equals(record.fields().get("tenant"))
                            && Integer.toString(version)
                                    .equals(record.fields().get(event.versionField));
            if (ours) {
                return record.time();
            }
        }
        throw new RefusedException(
                Reason.RECORD_NOT_AUTHENTIC,
                "the log does not say what the database says of key-encryption key "
                        + tenant
                        + "/"
                        + version
                        + ": the database was changed outside the vault; restore it from a backup");
    }

    private AuditRecord decode(long leaf) throws RefusedException {
        try {
            return AuditRecord.decode(log.leaf(leaf).bytes());
        } catch (SealedFormatException e) {
            throw new IllegalStateException("the log was read at start and has no such leaf", e);
        }
    }

    private Kek require(TenantName tenant, int version) throws RefusedException {
        return database.<Kek, RefusedException>read(handle -> {
            TenantTable.require(handle, tenant);
            return KekTable.find(handle, tenant, version)
                    .orElseThrow(() -> notFound(tenant, version));
        });
    }

    private static RefusedException notFound(TenantName tenant, int version) {
        return new RefusedException(
                Reason.KEK_NOT_FOUND,
                "no key-encryption key "
                        + tenant
                        + "/"
                        + version
                        + "; list them with: strongroom keys status");
    }
}
