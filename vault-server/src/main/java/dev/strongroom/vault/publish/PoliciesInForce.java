package dev.strongroom.vault.publish;

import dev.strongroom.attestation.PolicyReference.Kind;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.PolicyChain;
import dev.strongroom.crypto.format.VerifiedManifest;
import dev.strongroom.crypto.format.VerifiedPolicy;
import dev.strongroom.crypto.output.Tier;
import dev.strongroom.crypto.output.Voucher;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.PolicyHistory.Revision;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.PolicyTable;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.catalog.TenantTable.Tenant;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * Which policies are in force. The owner's signature is checked each time one is used, and which
 * revision it is is the audit log's to say; the database is believed about nothing.
 *
 * <p>Thread-safe.
 */
public final class PoliciesInForce {
    private final Database database;
    private final AuditLog log;

    public PoliciesInForce(Database database, AuditLog log) {
        this.database = database;
        this.log = log;
    }

    /**
     * The last revisions as signed, oldest first: the one in force is checked, those before it are
     * for whoever receives them to check. Empty when none was ever set.
     */
    public List<PolicyTable.Revision> revisions(ModelName model, Kind kind)
            throws RefusedException {
        return database.<List<PolicyTable.Revision>, RefusedException>write(handle -> {
            Optional<Tenant> tenant = TenantTable.find(handle, model.tenant());
            if (tenant.isEmpty()) {
                return List.of();
            }
            PolicyOwner owner = PolicyOwner.of(log.views().owners().confirm(tenant.get()));
            return find(handle, model, kind, owner).isPresent()
                    ? PolicyTable.recent(handle, model, kind, PolicyChain.MAX_BEFORE + 1)
                    : List.of();
        });
    }

    /**
     * Rows a day that the output policy in force gives a caller, in the best tier that a
     * certificate of his could be in; 0: in none.
     *
     * @param handle of a write transaction
     * @throws RefusedException POLICY_NOT_FOUND, POLICY_MALFORMED
     */
    public long rowsPerDay(Handle handle, ModelName model, Principal caller)
            throws RefusedException {
        PolicyOwner owner =
                PolicyOwner.of(
                        log.views().owners().confirm(TenantTable.require(handle, model.tenant())));
        VerifiedPolicy output =
                find(handle, model, Kind.OUTPUT, owner)
                        .orElseThrow(() -> notFound(model, Kind.OUTPUT));
        return InForce.rules(output).tiers().stream()
                .filter(tier ->
                        tier.vouchers().stream().anyMatch(voucher -> couldMean(voucher, caller)))
                .mapToLong(Tier::rowsPerDay)
                .max()
                .orElse(0);
    }

    private static boolean couldMean(Voucher voucher, Principal caller) {
        return isOrAny(voucher.tenant(), caller.tenant())
                && isOrAny(voucher.role(), caller.role().label());
    }

    private static boolean isOrAny(String wanted, String value) {
        return wanted.equals(Voucher.ANY) || wanted.equals(value);
    }

    /** The revision in force, verified; empty when none was ever set. */
    Optional<VerifiedPolicy> find(Handle handle, ModelName model, Kind kind, PolicyOwner owner)
            throws RefusedException {
        Optional<byte[]> envelope = PolicyTable.latest(handle, model, kind);
        Optional<Revision> logged = log.views().policies().last(model, kind);
        if (envelope.isEmpty() && logged.isEmpty()) {
            return Optional.empty();
        }
        if (envelope.isEmpty()) {
            throw notAsLogged();
        }
        VerifiedPolicy policy = owner.verify(envelope.get());
        if (!policy.document().scope().equals(model) || policy.document().kind() != kind) {
            throw new RefusedException(
                    Reason.POLICY_NOT_AUTHENTIC,
                    "the stored policy is of another model; restore the database from a backup");
        }
        var stored = new Revision(policy.document().seq(), policy.reference().digest());
        if (!logged.equals(Optional.of(stored))) {
            throw notAsLogged();
        }
        return Optional.of(policy);
    }

    private static RefusedException notAsLogged() {
        return new RefusedException(
                Reason.POLICY_NOT_AUTHENTIC,
                "the stored policy is not the revision that the audit log says is in force: the"
                        + " database was changed outside the vault; restore the data folder from a"
                        + " backup");
    }

    /**
     * Both policies in force for a version's model, as the version's own owner signed them.
     *
     * @param handle of a write transaction: only there table and log are sure to agree
     * @throws RefusedException POLICY_NOT_FOUND
     */
    public InForce inForce(Handle handle, VerifiedManifest manifest) throws RefusedException {
        return new InForce(
                require(handle, manifest, Kind.RELEASE), require(handle, manifest, Kind.OUTPUT));
    }

    private VerifiedPolicy require(Handle handle, VerifiedManifest manifest, Kind kind)
            throws RefusedException {
        ModelName model = manifest.content().model();
        return find(handle, model, kind, PolicyOwner.of(manifest))
                .orElseThrow(() -> notFound(model, kind));
    }

    private static RefusedException notFound(ModelName model, Kind kind) {
        return new RefusedException(
                Reason.POLICY_NOT_FOUND,
                "no %s policy for %s; the owner sets it with: strongroom policy set"
                        .formatted(kind.name().toLowerCase(Locale.ROOT), model));
    }
}
