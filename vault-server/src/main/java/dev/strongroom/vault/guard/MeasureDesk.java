package dev.strongroom.vault.guard;

import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.GuardMeasure;
import dev.strongroom.crypto.format.GuardMeasure.Step;
import dev.strongroom.crypto.format.GuardMeasure.Whose;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.audit.MeasureHistory;
import dev.strongroom.vault.audit.MeasureHistory.Taken;
import dev.strongroom.vault.audit.PolicyHistory;
import dev.strongroom.vault.audit.RevocationTarget;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import dev.strongroom.vault.watch.LeaseWatches;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * Has guards hold more against callers than they do by themselves, at once. Whoever took a measure
 * takes it back, nobody else; beyond that it ends by a later output policy that pardons the caller.
 * Taking one back shows nobody more than the owner's policy and the guard's own findings allow.
 *
 * <p>Thread-safe.
 */
public final class MeasureDesk {
    private static final int STEPS_A_MINUTE = 240; // of one identity: an incident takes many
    private static final Room ROOM = new Room(256, 2048, 1024);
    private static final int MAX_REASON_BYTES = 512;

    private final AuditLog log;
    private final LeaseWatches watches;
    private final InstantSource clock;
    private final Pace pace;
    private final Room room;

    /**
     * Measures on one model.
     *
     * @param ofIdentity that one may take
     * @param ofModel in all
     * @param forOperators of those, the room that only they use
     */
    record Room(int ofIdentity, int ofModel, int forOperators) {
        int most(AccessRole role) {
            return role == AccessRole.OPERATOR ? ofModel : ofModel - forOperators;
        }
    }

    public MeasureDesk(AuditLog log, LeaseWatches watches, InstantSource clock) {
        this(log, watches, clock, ROOM);
    }

    MeasureDesk(AuditLog log, LeaseWatches watches, InstantSource clock, Room room) {
        this.room = room;
        this.log = log;
        this.watches = watches;
        this.clock = clock;
        this.pace = new Pace("measures", STEPS_A_MINUTE, Duration.ofMinutes(1), clock);
    }

    /** Whom a measure is about. */
    public record Subject(ModelName model, Whose whose, String name) {
        /**
         * Reads a request.
         *
         * @throws RefusedException REQUEST_MALFORMED
         */
        public static Subject of(ModelName model, String whose, String name)
                throws RefusedException {
            Whose known =
                    Whose.ofLabel(whose)
                            .orElseThrow(() -> malformed("whose: expected principal or group"));
            return new Subject(model, known, name);
        }

        private MeasureHistory.Key key(Principal by) {
            return new MeasureHistory.Key(model, whose, name, by.uri());
        }
    }

    /**
     * What tightening did.
     *
     * @param connected nodes of the model that were told at once
     */
    public record Done(AuditReceipt receipt, int connected) {}

    /**
     * Takes a measure, in place of the caller's own one before on the same subject.
     *
     * @param step label of a {@link Step}
     * @throws RefusedException VERSION_NOT_FOUND, IDENTITY_NOT_FOUND, REQUEST_MALFORMED,
     *     TOO_MANY_REQUESTS
     */
    public Done tighten(Principal caller, Subject subject, String step, String reason)
            throws RefusedException {
        pace.step(caller.uri());
        requireReason(reason);
        GuardMeasure measure = measure(subject, step);
        requireKnown(subject);
        int connected = watches.listening(leases(subject.model()));
        AuditReceipt receipt =
                log.<RefusedException>append(_ -> {
                    requireRoom(caller, subject);
                    return describe(AuditRecord.GUARD_TIGHTENED, caller, subject, reason)
                            .with("step", measure.step().label())
                            .with("policy-seq", measure.policySeq());
                });
        log.checkpoint(); // after the nodes were told, so that a slow token keeps none of them lax
        return new Done(receipt, connected);
    }

    /** Each change has nodes told of all of them, so nobody fills what others need. */
    private void requireRoom(Principal caller, Subject subject) throws RefusedException {
        if (log.views().measures().find(subject.key(caller)).isPresent()) {
            return; // in place of his own
        }
        List<Taken> all = log.views().measures().of(subject.model());
        long own = all.stream().filter(taken -> taken.key().by().equals(caller.uri())).count();
        int most = room.most(caller.role());
        if (own >= room.ofIdentity() || all.size() >= most) {
            throw new RefusedException(
                    Reason.TOO_MANY_REQUESTS,
                    "%d measures of this model are in force, %d of them yours, of at most %d and %d; take back those that nobody needs: strongroom guard list"
                            .formatted(all.size(), own, most, room.ofIdentity()));
        }
    }

    /**
     * Takes the caller's own measure back.
     *
     * @throws RefusedException MEASURE_NOT_FOUND, REQUEST_MALFORMED, TOO_MANY_REQUESTS
     */
    public AuditReceipt loosen(Principal caller, Subject subject, String reason)
            throws RefusedException {
        pace.step(caller.uri());
        requireReason(reason);
        return log.<RefusedException>appendSigned(_ -> {
            if (log.views().measures().find(subject.key(caller)).isEmpty()) {
                throw new RefusedException(
                        Reason.MEASURE_NOT_FOUND,
                        "%s %s is not held back on %s by you: who took a measure takes it back, or the owner pardons by a new output policy; see: strongroom guard list"
                                .formatted(
                                        subject.whose().label(), subject.name(), subject.model()));
            }
            return describe(AuditRecord.GUARD_LOOSENED, caller, subject, reason);
        });
    }

    /** What is in force, as far as it concerns the caller. */
    public List<Taken> list(Principal caller) {
        return log.views().measures().all().stream()
                .filter(taken -> caller.sees(taken.key().model().tenant().value()))
                .toList();
    }

    private List<LeaseHistory.Held> leases(ModelName model) {
        var target = new RevocationTarget(RevocationTarget.Kind.MODEL, model.toString());
        return log.views().leases().under(Principal.WHOLE_VAULT, target, clock.instant());
    }

    private GuardMeasure measure(Subject subject, String label) throws RefusedException {
        Step step =
                Step.ofLabel(label)
                        .orElseThrow(() ->
                                malformed(
                                        "step: expected throttle, degrade, challenge or suspend"));
        long policySeq =
                log.views()
                        .policies()
                        .last(subject.model(), Kind.OUTPUT)
                        .map(PolicyHistory.Revision::seq)
                        .orElse(0L);
        try {
            return new GuardMeasure(subject.whose(), subject.name(), step, policySeq);
        } catch (IllegalArgumentException e) {
            throw malformed(
                    "name: expected TENANT/ROLE/NAME of a principal, or a group as certificates"
                            + " declare it");
        }
    }

    /** A name that nobody has is a slip of the pen, and believing it would be dangerous. */
    private void requireKnown(Subject subject) throws RefusedException {
        if (!log.views().committed().has(subject.model())) {
            throw new RefusedException(
                    Reason.VERSION_NOT_FOUND,
                    "by the log no version of " + subject.model() + " was ever committed");
        }
        String uri = "spiffe://strongroom/" + subject.name();
        boolean ofTenant = subject.name().startsWith(subject.model().tenant().value() + "/");
        if (subject.whose() == Whose.PRINCIPAL
                && (!ofTenant
                        || log.views().issuedKeys().identities().stream()
                                .noneMatch(known -> known.uri().equals(uri)))) {
            throw new RefusedException(
                    Reason.IDENTITY_NOT_FOUND,
                    "no certificate of the model's tenant was ever issued to " + uri);
        }
        if (subject.whose() == Whose.GROUP && !isDeclared(subject)) {
            throw new RefusedException(
                    Reason.IDENTITY_NOT_FOUND,
                    "no identity of the model's tenant is of group "
                            + subject.name()
                            + "; see: strongroom identity list");
        }
    }

    private boolean isDeclared(Subject subject) {
        String ofTenant = "spiffe://strongroom/" + subject.model().tenant().value() + "/";
        return log.views().issuedKeys().identities().stream()
                .anyMatch(known ->
                        known.uri().startsWith(ofTenant) && known.group().equals(subject.name()));
    }

    private static Decision describe(
            String type, Principal caller, Subject subject, String reason) {
        return Decision.of(type, caller.uri(), subject.model().tenant().value())
                .with("model", subject.model())
                .with("whose", subject.whose().label())
                .with("name", subject.name())
                .with("reason", reason);
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
