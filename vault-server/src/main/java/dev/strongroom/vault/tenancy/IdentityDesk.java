package dev.strongroom.vault.tenancy;

import dev.strongroom.attestation.Digest;
import dev.strongroom.crypto.format.AuditRecord;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.vault.access.AccessRole;
import dev.strongroom.vault.access.CertificateAuthority;
import dev.strongroom.vault.access.Principal;
import dev.strongroom.vault.access.SigningRequest;
import dev.strongroom.vault.audit.AuditLog;
import dev.strongroom.vault.audit.AuditReceipt;
import dev.strongroom.vault.audit.Decision;
import dev.strongroom.vault.audit.IssuedKeys;
import dev.strongroom.vault.catalog.Database;
import dev.strongroom.vault.catalog.TenantTable;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/**
 * Issues client certificates for people and nodes, and withdraws them. The names in them come from
 * the operator's request, never from the certificate signing request.
 *
 * <p>Thread-safe.
 */
public final class IdentityDesk {
    private static final int DEFAULT_DAYS = 90;
    private static final int MAX_DAYS = 365;

    private final Database database;
    private final AuditLog log;
    private final CertificateAuthority authority;

    public IdentityDesk(Database database, AuditLog log, CertificateAuthority authority) {
        this.database = database;
        this.log = log;
        this.authority = authority;
    }

    /**
     * Issues a certificate.
     *
     * @param tenant empty for the whole vault
     * @param role label of an {@link AccessRole}
     * @param days 0 for the default of 90; at most 365
     * @return leaf and CA
     */
    public List<X509Certificate> issue(
            String actor, String tenant, String role, String name, byte[] csr, int days)
            throws RefusedException {
        Principal principal = principal(tenant, role, name);
        if (!principal.isWholeVault()) {
            database.read(h -> TenantTable.require(h, new TenantName(principal.tenant())));
        }
        if (days < 0 || days > MAX_DAYS) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED, "valid days: expected 0 to " + MAX_DAYS);
        }
        SigningRequest request = SigningRequest.check(csr);
        Digest key = Digest.sha256(request.spki());
        if (log.views().issuedKeys().isWithdrawn(key)) {
            throw new RefusedException(
                    Reason.KEY_WITHDRAWN,
                    "certificates for this key were withdrawn; make a new key");
        }
        Duration validity = Duration.ofDays(days == 0 ? DEFAULT_DAYS : days);
        log.appendSigned(
                Decision.of(AuditRecord.CERTIFICATE_ISSUED, actor, principal.tenant())
                        .with("purpose", "client")
                        .with("identity", principal.uri())
                        .with("key", key)
                        .with("valid-days", validity.toDays()));
        return authority.chain(authority.issueClient(principal, request.spki(), validity));
    }

    /**
     * Ends every certificate issued to an identity so far, from the next call on.
     *
     * @param uri the identity as certificates carry it
     * @throws RefusedException IDENTITY_NOT_FOUND if none of its certificates counts,
     *     IDENTITY_IN_USE if the caller would lock himself out
     */
    public AuditReceipt withdraw(Principal caller, String uri) throws RefusedException {
        Principal identity = anotherThan(caller, uri);
        return log.<RefusedException>appendSigned(_ ->
                Decision.of(AuditRecord.IDENTITY_WITHDRAWN, caller.uri(), identity.tenant())
                        .with("identity", uri)
                        .with("certificates", requireActive(uri)));
    }

    /**
     * How many certificates {@link #withdraw} would end now.
     *
     * @throws RefusedException as {@link #withdraw}
     */
    public long withdrawable(Principal caller, String uri) throws RefusedException {
        var _ = anotherThan(caller, uri);
        return requireActive(uri);
    }

    private static Principal anotherThan(Principal caller, String uri) throws RefusedException {
        Principal identity =
                Principal.ofUri(uri)
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.REQUEST_MALFORMED,
                                        "identity: expected spiffe://strongroom/TENANT/ROLE/NAME"));
        if (identity.equals(caller)) {
            throw new RefusedException(
                    Reason.IDENTITY_IN_USE,
                    "an operator does not withdraw the identity he calls with; another one does");
        }
        return identity;
    }

    private long requireActive(String uri) throws RefusedException {
        long certificates = log.views().issuedKeys().active(uri);
        if (certificates == 0) {
            throw new RefusedException(
                    Reason.IDENTITY_NOT_FOUND,
                    uri + " has no certificate that counts; see: strongroom identity list");
        }
        return certificates;
    }

    /** Everybody a certificate was ever issued to. */
    public List<IssuedKeys.Identity> list() {
        return log.views().issuedKeys().identities();
    }

    private static Principal principal(String tenant, String role, String name)
            throws RefusedException {
        AccessRole known =
                AccessRole.ofLabel(role)
                        .orElseThrow(() ->
                                new RefusedException(
                                        Reason.REQUEST_MALFORMED,
                                        "role: expected owner, operator, node, consumer"
                                                + " or auditor"));
        try {
            return new Principal(tenant.isEmpty() ? Principal.WHOLE_VAULT : tenant, known, name);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.REQUEST_MALFORMED, "identity: " + e.getMessage(), e);
        }
    }
}
