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
import java.util.Optional;

/**
 * Issues client certificates for people and nodes, and withdraws them. The names in them come from
 * the operator's request, never from the certificate signing request.
 *
 * <p>Thread-safe.
 */
public final class IdentityDesk {
    private static final int DEFAULT_DAYS = 90;
    private static final int MAX_DAYS = 365;
    private static final String GROUP_FORM = "[a-z0-9-]{1,63}";

    private final Database database;
    private final AuditLog log;
    private final CertificateAuthority authority;

    public IdentityDesk(Database database, AuditLog log, CertificateAuthority authority) {
        this.database = database;
        this.log = log;
        this.authority = authority;
    }

    /**
     * A certificate that an operator wants.
     *
     * @param tenant empty for the whole vault
     * @param role label of an {@link AccessRole}
     * @param group of callers of models that the identity is in; empty for that of its certificates
     *     that count, if it has one
     * @param days 0 for the default of 90; at most 365
     */
    public record Wanted(
            String tenant, String role, String name, String group, byte[] csr, int days) {}

    /**
     * Issues a certificate.
     *
     * @return leaf and CA
     * @throws RefusedException IDENTITY_IN_USE if the identity has certificates of another group
     *     that count: it would be in both
     */
    public List<X509Certificate> issue(String actor, Wanted wanted) throws RefusedException {
        Principal principal = principal(wanted.tenant, wanted.role, wanted.name);
        if (!principal.isWholeVault()) {
            database.read(h -> TenantTable.require(h, new TenantName(principal.tenant())));
        }
        if (wanted.days < 0 || wanted.days > MAX_DAYS) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED, "valid days: expected 0 to " + MAX_DAYS);
        }
        requireGroupForm(principal, wanted.group);
        SigningRequest request = SigningRequest.check(wanted.csr);
        Digest key = Digest.sha256(request.spki());
        if (log.views().issuedKeys().isWithdrawn(key)) {
            throw new RefusedException(
                    Reason.KEY_WITHDRAWN,
                    "certificates for this key were withdrawn; make a new key");
        }
        Duration validity = Duration.ofDays(wanted.days == 0 ? DEFAULT_DAYS : wanted.days);
        AuditRecord issued =
                log.<RefusedException>appendSigned(
                                _ -> issuing(actor, principal, wanted, key, validity))
                        .record();
        return authority.chain(
                authority.issueClient(
                        principal,
                        Optional.ofNullable(issued.fields().get(IssuedKeys.GROUP)),
                        request.spki(),
                        validity));
    }

    private Decision issuing(
            String actor, Principal principal, Wanted wanted, Digest key, Duration validity)
            throws RefusedException {
        String group = group(principal, wanted.group);
        Decision issuing =
                Decision.of(AuditRecord.CERTIFICATE_ISSUED, actor, principal.tenant())
                        .with("purpose", "client")
                        .with("identity", principal.uri())
                        .with("key", key)
                        .with("valid-days", validity.toDays());
        return group.isEmpty() ? issuing : issuing.with(IssuedKeys.GROUP, group);
    }

    private static void requireGroupForm(Principal principal, String group)
            throws RefusedException {
        if (!group.isEmpty() && (principal.isWholeVault() || !group.matches(GROUP_FORM))) {
            throw new RefusedException(
                    Reason.REQUEST_MALFORMED,
                    "group: expected 1 to 63 of a-z, 0-9 and -, and an identity of a tenant");
        }
    }

    /** The group of all certificates of an identity that count; empty for none. */
    private String group(Principal principal, String wanted) throws RefusedException {
        String uri = principal.uri();
        if (log.views().issuedKeys().active(uri) == 0) {
            return wanted;
        }
        String known = log.views().issuedKeys().group(uri);
        if (!wanted.isEmpty() && !wanted.equals(known)) {
            throw new RefusedException(
                    Reason.IDENTITY_IN_USE,
                    uri
                            + (known.isEmpty()
                                    ? " has certificates of no group"
                                    : " has certificates of group " + known)
                            + "; end these first: strongroom identity withdraw");
        }
        return known;
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
