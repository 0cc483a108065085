package dev.strongroom.vault.watch;

import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.Notice;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.Pace;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.LeaseHistory;
import dev.strongroom.vault.audit.RevocationTarget;
import dev.strongroom.vault.audit.Revocations.Revocation;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ends leases before their time, and lets nodes be served again. An owner does so for his tenant,
 * an operator for the vault; each lifts only what is of the same scope, so an operator cannot undo
 * what an owner revoked.
 *
 * <p>Thread-safe.
 */
public final class RevocationDesk {
    private static final int STEPS_A_MINUTE = 240; // of one identity: an incident takes many
    private static final int MAX_IN_FORCE = 10_000; // of one tenant, and of the whole vault
    private static final Pattern VERSION = Pattern.compile("(.{3,127}):([1-9][0-9]{0,18})");
    private static final Pattern MEASUREMENT = Pattern.compile("([0-9a-f]{2}){32,64}");
    private static final Pattern CHIP = Pattern.compile("[0-9a-z-]{8,128}");
    private static final Pattern POLICY = Pattern.compile("[0-9a-f]{64}");

    private final AuditLog log;
    private final LeaseWatches watches;
    private final InstantSource clock;
    private final Pace pace;

    public RevocationDesk(AuditLog log, LeaseWatches watches, InstantSource clock) {
        this.log = log;
        this.watches = watches;
        this.clock = clock;
        this.pace = new Pace("revocations", STEPS_A_MINUTE, Duration.ofMinutes(1), clock);
    }

    /**
     * What a revocation did.
     *
     * @param leases in force that it ended
     * @param connected of these, nodes that listened
     */
    public record Done(AuditReceipt receipt, int leases, int connected) {}

    /**
     * What a revocation would end.
     *
     * @param leases in force
     * @param connected of these, nodes that listen
     */
    public record Reach(int leases, int connected) {}

    /**
     * What {@link #revoke} would do now.
     *
     * @throws RefusedException as {@link #revoke}
     */
    public Reach reach(Principal caller, String kind, String subject, String reason)
            throws RefusedException {
        pace.step(caller.uri());
        RevocationTarget target = target(caller, kind, subject);
        requireKnown(target);
        requireReason(reason);
        requireNew(caller.tenant(), target);
        return reach(caller.tenant(), target);
    }

    private Reach reach(String scope, RevocationTarget target) {
        List<LeaseHistory.Held> ended = log.views().leases().under(scope, target, clock.instant());
        return new Reach(ended.size(), watches.listening(ended));
    }

    /**
     * Revokes. It counts when this returns, whether or not a node listens: nothing under it is
     * released or renewed any more.
     *
     * @throws RefusedException REVOCATION_EXISTS, TENANT_DENIED, VERSION_NOT_FOUND,
     *     IDENTITY_NOT_FOUND, REQUEST_MALFORMED, TOO_MANY_REQUESTS
     */
    public Done revoke(Principal caller, String kind, String subject, String reason)
            throws RefusedException {
        pace.step(caller.uri());
        RevocationTarget target = target(caller, kind, subject);
        requireKnown(target);
        requireReason(reason);
        String scope = caller.tenant();
        Reach reach = reach(scope, target);
        AuditReceipt receipt =
                log.<RefusedException>append(_ -> {
                    requireNew(scope, target);
                    return describe(AuditRecord.REVOCATION_SET, caller, target, reason);
                });
        log.checkpoint(); // after the nodes were told, so that a slow token keeps none of them open
        return new Done(receipt, reach.leases(), reach.connected());
    }

    private void requireNew(String scope, RevocationTarget target) throws RefusedException {
        if (log.views().revocations().find(scope, target).isPresent()) {
            throw new RefusedException(
                    Reason.REVOCATION_EXISTS,
                    target.kind().label() + " " + target.subject() + " is revoked already");
        }
        if (log.views().revocations().count(scope) >= MAX_IN_FORCE) {
            throw new RefusedException(
                    Reason.TOO_MANY_REQUESTS,
                    "%d revocations are in force; lift those that nobody needs: strongroom revoke list"
                            .formatted(MAX_IN_FORCE));
        }
    }

    /**
     * Lifts a revocation of the caller's scope. Leases that it ended stay ended.
     *
     * @throws RefusedException REVOCATION_NOT_FOUND, TOO_MANY_REQUESTS
     */
    public AuditReceipt lift(Principal caller, String kind, String subject, String reason)
            throws RefusedException {
        pace.step(caller.uri());
        RevocationTarget target = target(caller, kind, subject);
        requireReason(reason);
        return log.<RefusedException>appendSigned(_ -> {
            if (log.views().revocations().find(caller.tenant(), target).isEmpty()) {
                throw new RefusedException(
                        Reason.REVOCATION_NOT_FOUND,
                        "%s %s is not revoked by %s; see: strongroom revoke list"
                                .formatted(
                                        target.kind().label(),
                                        subject,
                                        caller.isWholeVault() ? "operators" : "this tenant"));
            }
            return describe(AuditRecord.REVOCATION_LIFTED, caller, target, reason);
        });
    }

    /** What is revoked, as far as it concerns the caller. */
    public List<Revocation> list(Principal caller) {
        return log.views().revocations().all().stream()
                .filter(each ->
                        (each.scope().equals(Principal.WHOLE_VAULT)
                                        && tenantOf(each.target()).isEmpty())
                                || caller.sees(each.scope())
                                || caller.sees(tenantOf(each.target())))
                .toList();
    }

    private static Decision describe(
            String type, Principal caller, RevocationTarget target, String reason) {
        String tenant = tenantOf(target);
        return Decision.of(type, caller.uri(), tenant.isEmpty() ? caller.tenant() : tenant)
                .with("scope", caller.tenant())
                .with("kind", target.kind().label())
                .with("subject", target.subject())
                .with("reason", reason);
    }

    /** The tenant that a subject names; empty for chips, measurements and policies. */
    private static String tenantOf(RevocationTarget target) {
        return switch (target.kind()) {
            case NODE -> Principal.ofUri(target.subject()).map(Principal::tenant).orElse("");
            case MODEL, VERSION -> target.subject().substring(0, target.subject().indexOf('/'));
            case MEASUREMENT, CHIP, POLICY -> "";
        };
    }

    private static RevocationTarget target(Principal caller, String kind, String subject)
            throws RefusedException {
        RevocationTarget.Kind known =
                RevocationTarget.Kind.ofLabel(kind)
                        .orElseThrow(() ->
                                malformed(
                                        "kind: expected node, model, version, measurement, chip or"
                                                + " policy"));
        requireWellFormed(known, subject);
        var target = new RevocationTarget(known, subject);
        String tenant = tenantOf(target);
        if (!tenant.isEmpty()) {
            caller.requireTenant(tenant);
        }
        return target;
    }

    private static void requireWellFormed(RevocationTarget.Kind kind, String subject)
            throws RefusedException {
        switch (kind) {
            case NODE -> {
                if (Principal.ofUri(subject).filter(RevocationDesk::isNode).isEmpty()) {
                    throw malformed("node: expected spiffe://strongroom/TENANT/node/NAME");
                }
            }
            case MODEL -> model(subject);
            case VERSION -> model(versionParts(subject).group(1));
            case MEASUREMENT -> require(MEASUREMENT, subject, "32 to 64 bytes in lower-case hex");
            case CHIP -> require(CHIP, subject, "what the chip claim has, 8 to 128 of 0-9 a-z -");
            case POLICY -> require(POLICY, subject, "its digest, 64 lower-case hex digits");
        }
    }

    private static boolean isNode(Principal principal) {
        return principal.role() == AccessRole.NODE;
    }

    private static void require(Pattern pattern, String subject, String expected)
            throws RefusedException {
        if (!pattern.matcher(subject).matches()) {
            throw malformed("subject: expected " + expected);
        }
    }

    private static Matcher versionParts(String subject) throws RefusedException {
        Matcher parts = VERSION.matcher(subject);
        if (!parts.matches()) {
            throw malformed("version: expected tenant/name:NUMBER");
        }
        return parts;
    }

    private static ModelName model(String name) throws RefusedException {
        try {
            return ModelName.parse(name);
        } catch (IllegalArgumentException e) {
            throw malformed("model: expected tenant/name, each 1 to 63 of a-z, 0-9 and -");
        }
    }

    /** A name that nobody has is a slip of the pen, and believing it would be dangerous. */
    private void requireKnown(RevocationTarget target) throws RefusedException {
        switch (target.kind()) {
            case NODE -> {
                if (log.views().issuedKeys().identities().stream()
                        .noneMatch(known -> known.uri().equals(target.subject()))) {
                    throw new RefusedException(
                            Reason.IDENTITY_NOT_FOUND,
                            "no certificate was ever issued to " + target.subject());
                }
            }
            case MODEL -> {
                ModelName model = model(target.subject());
                requireCommitted(log.views().committed().has(model), "version of " + model);
            }
            case VERSION -> {
                Matcher parts = versionParts(target.subject());
                ModelName model = model(parts.group(1));
                long number = number(parts.group(2));
                requireCommitted(
                        log.views().committed().has(model, number),
                        "version " + number + " of " + model);
            }
            case MEASUREMENT, CHIP, POLICY -> {}
        }
    }

    private static long number(String digits) throws RefusedException {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw malformed("version: expected a number below 2^63");
        }
    }

    private static void requireCommitted(boolean known, String what) throws RefusedException {
        if (!known) {
            throw new RefusedException(
                    Reason.VERSION_NOT_FOUND, "by the log no " + what + " was ever committed");
        }
    }

    private static void requireReason(String reason) throws RefusedException {
        int bytes = reason.getBytes(StandardCharsets.UTF_8).length;
        if (reason.isBlank()
                || bytes > Notice.MAX_REASON_BYTES
                || reason.chars().anyMatch(Character::isISOControl)) {
            throw malformed(
                    "reason: expected one line of 1 to " + Notice.MAX_REASON_BYTES + " bytes");
        }
    }

    private static RefusedException malformed(String what) {
        return new RefusedException(Reason.REQUEST_MALFORMED, what);
    }
}
