package dev.strongroom.vault.decoy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.Change;
import dev.strongroom.crypto.format.DecoyPlanting;
import dev.strongroom.crypto.format.QuarantineLift;
import dev.strongroom.crypto.format.SealedFormatException;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.access.Visitor;
import dev.strongroom.vault.approval.ApprovalDesk;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.Quarantines.Quarantine;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.DecoyTable;
import dev.strongroom.vault.guard.NodeLease;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/**
 * Plants decoys and lets people in again who touched one. Operators do both: nobody else sees which
 * things are decoys. A decoy is an ordinary thing of the vault that is marked as one, so that
 * nothing about it differs from others.
 *
 * <p>Thread-safe.
 */
public final class DecoyDesk {
    private static final int MAX_REASON_BYTES = 512;
    private static final int MAX_DECOYS = 10_000;
    private static final int REPORTS_A_MINUTE = 60; // of one node
    private static final Pattern SOURCE = Pattern.compile("[0-9A-Za-z:.%-]{0,64}");

    private final DecoySubjects subjects;
    private final AuditLog log;
    private final DecoyWatch watch;
    private final ApprovalDesk approvals;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Unused unused;
    private final Pace reports;
    private final ReentrantLock planting = new ReentrantLock();

    public DecoyDesk(
            Database database,
            AuditLog log,
            DecoyWatch watch,
            ApprovalDesk approvals,
            InstantSource clock,
            SecureRandom random) {
        this.subjects = new DecoySubjects(database, log);
        this.log = log;
        this.watch = watch;
        this.approvals = approvals;
        this.clock = clock;
        this.random = random;
        this.reports = new Pace("reports", REPORTS_A_MINUTE, Duration.ofMinutes(1), clock);
        this.unused = new Unused(log, watch, approvals);
    }

    /** A decoy and the leaf that says so. */
    public record Planted(Decoy decoy, AuditReceipt receipt) {}

    /**
     * Makes a decoy of something. The record has only its id.
     *
     * @param kind label of a {@link DecoyKind}
     * @throws RefusedException DECOY_EXISTS; DECOY_IN_USE if somebody uses or used it, as {@link
     *     Unused} says; APPROVAL_MISSING where the vault has approvers; VERSION_NOT_FOUND,
     *     IDENTITY_NOT_FOUND, REQUEST_MALFORMED
     */
    public Planted plant(Principal caller, String kind, String subject) throws RefusedException {
        DecoyKind known = kind(kind);
        String mark = subjects.mark(known, subject);
        byte[] salt = new byte[Decoy.SALT_BYTES];
        random.nextBytes(salt);
        Decoy decoy = Decoy.of(known, subject, mark, salt);
        planting.lock();
        try {
            AuditReceipt receipt =
                    log.<RefusedException>append(handle -> {
                        requireNew(known, subject);
                        unused.require(decoy);
                        DecoyTable.insert(handle, decoy.row(salt));
                        return agreed(
                                handle,
                                known,
                                subject,
                                describe(AuditRecord.DECOY_PLANTED, caller, decoy));
                    });
            watch.add(decoy);
            return new Planted(decoy, receipt);
        } finally {
            planting.unlock();
        }
    }

    private void requireNew(DecoyKind kind, String subject) throws RefusedException {
        if (watch.find(kind, subject).isPresent()) {
            throw new RefusedException(
                    Reason.DECOY_EXISTS, kind.label() + " " + subject + " is a decoy already");
        }
        if (log.views().decoys().planted().size() >= MAX_DECOYS) {
            throw new RefusedException(
                    Reason.TOO_MANY_REQUESTS,
                    MAX_DECOYS + " decoys are planted; remove some: strongroom decoys remove");
        }
    }

    /** Where there are approvers they must have agreed to this very decoy. */
    private Decision agreed(Handle handle, DecoyKind kind, String subject, Decision planted)
            throws RefusedException {
        if (!approvals.hasApprovers()) {
            return planted;
        }
        RefusedException missing =
                new RefusedException(
                        Reason.APPROVAL_MISSING,
                        "nobody asked for %s %s; an approver does: strongroom approvals request --plant %s:%s"
                                .formatted(kind.label(), subject, kind.label(), subject));
        for (byte[] document : approvals.asked(handle, Change.Kind.DECOY_PLANT)) {
            DecoyPlanting asked = planting(document);
            if (asked.kind().equals(kind.label()) && asked.subject().equals(subject)) {
                try {
                    return approvals.use(handle, Change.of(asked), planted);
                } catch (RefusedException e) {
                    missing = e; // another request may be for the same
                }
            }
        }
        throw missing;
    }

    private static DecoyPlanting planting(byte[] document) {
        try {
            return DecoyPlanting.decode(document);
        } catch (SealedFormatException e) {
            throw new IllegalStateException("a request was taken that does not parse", e);
        }
    }

    /** All that are planted, by kind and subject. */
    public List<Decoy> list() {
        return watch.all().stream()
                .sorted(Comparator.comparing(Decoy::kind).thenComparing(Decoy::subject))
                .toList();
    }

    /**
     * Makes something an ordinary thing again.
     *
     * @throws RefusedException DECOY_NOT_FOUND, REQUEST_MALFORMED
     */
    public AuditReceipt remove(Principal caller, String kind, String subject)
            throws RefusedException {
        DecoyKind known = kind(kind);
        planting.lock();
        try {
            Decoy decoy =
                    watch.find(known, subject)
                            .orElseThrow(() ->
                                    new RefusedException(
                                            Reason.DECOY_NOT_FOUND,
                                            "%s %s is no decoy; see: strongroom decoys list"
                                                    .formatted(kind, subject)));
            AuditReceipt receipt =
                    log.<RefusedException>append(handle -> {
                        DecoyTable.delete(handle, decoy.id());
                        return describe(AuditRecord.DECOY_REMOVED, caller, decoy);
                    });
            watch.remove(decoy);
            return receipt;
        } finally {
            planting.unlock();
        }
    }

    /** Who is in quarantine, oldest first. */
    public List<Quarantine> quarantines() {
        return log.views().quarantines().all();
    }

    /**
     * Lets somebody in again. Where the vault has approvers, they must have agreed; and as who is
     * in quarantine calls nothing, nobody lifts his own.
     *
     * @throws RefusedException QUARANTINE_NOT_FOUND, APPROVAL_MISSING, REQUEST_MALFORMED
     */
    public AuditReceipt lift(Principal caller, String identity, String reason)
            throws RefusedException {
        requireReason(reason);
        return log.<RefusedException>appendSigned(handle -> {
            Quarantine quarantine =
                    log.views()
                            .quarantines()
                            .find(identity)
                            .orElseThrow(() ->
                                    new RefusedException(
                                            Reason.QUARANTINE_NOT_FOUND,
                                            identity
                                                    + " is not in quarantine; see: strongroom"
                                                    + " decoys quarantines"));
            String tenant =
                    Principal.ofUri(identity).map(Principal::tenant).orElse(caller.tenant());
            Decision lifted =
                    Decision.of(AuditRecord.QUARANTINE_LIFTED, caller.uri(), tenant)
                            .with("identity", identity)
                            .with("touch", quarantine.leaf())
                            .with("reason", reason);
            Change change = Change.of(new QuarantineLift(identity, quarantine.leaf()));
            return approvals.hasApprovers() ? approvals.use(handle, change, lifted) : lifted;
        });
    }

    /**
     * A node refused a call with a key that it was told to refuse. Only a decoy's key is more than
     * that, so nobody is framed by what a node says.
     *
     * @param key SHA-256 of its SubjectPublicKeyInfo
     * @param source address that the node saw
     * @throws RefusedException LEASE_NOT_FOUND, REQUEST_MALFORMED, TOO_MANY_REQUESTS
     */
    public void reported(NodeLease lease, Digest key, String source) throws RefusedException {
        var _ = lease.require(log, clock);
        reports.step(lease.node().uri());
        if (!SOURCE.matcher(source).matches()) {
            throw malformed("source: expected an address");
        }
        watch.credentialsOf(lease.model().tenant().value()).stream()
                .filter(identity -> log.views().issuedKeys().keysOf(identity).contains(key))
                .flatMap(identity -> Principal.ofUri(identity).stream())
                .forEach(who ->
                        watch.usedElsewhere(
                                new Visitor(who, key, source, "at " + lease.node().uri())));
    }

    private static Decision describe(String type, Principal caller, Decoy decoy) {
        return Decision.of(type, caller.uri(), Principal.WHOLE_VAULT).with("decoy", decoy.id());
    }

    private static DecoyKind kind(String label) throws RefusedException {
        return DecoyKind.ofLabel(label)
                .orElseThrow(() -> malformed("kind: expected model, key, credential or method"));
    }

    private static void requireReason(String reason) throws RefusedException {
        if (reason.isBlank()
                || reason.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES
                || reason.chars().anyMatch(Character::isISOControl)) {
            throw malformed("reason: expected one line of 1 to " + MAX_REASON_BYTES + " bytes");
        }
    }

    private static RefusedException malformed(String what) {
        return new RefusedException(Reason.REQUEST_MALFORMED, what);
    }
}
