package dev.strongroom.vault.access;

import dev.strongroom.attestation.Digest;
import dev.strongroom.vault.refusal.Reason;
import dev.strongroom.vault.refusal.RefusedException;
import io.grpc.Context;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;

/**
 * Who calls, as the vault's CA certified it. In a certificate it is the one SAN URI {@code
 * spiffe://strongroom/<tenant>/<role>/<name>}, with {@code -} as the tenant of those who belong to
 * the whole vault.
 *
 * @param tenant a tenant's name, or {@link #WHOLE_VAULT}
 */
public record Principal(String tenant, AccessRole role, String name) {
    /** Stands for the tenant of operators and of auditors of everything. */
    public static final String WHOLE_VAULT = "-";

    /** The caller of the gRPC call that this thread serves. */
    static final Context.Key<Principal> CURRENT = Context.key("strongroom-principal");

    /** SHA-256 of the key that its certificate is for. */
    static final Context.Key<Digest> KEY = Context.key("strongroom-key");

    /** Who issued the certificate of that call. */
    static final Context.Key<X500Principal> ISSUER = Context.key("strongroom-issuer");

    private static final String LABEL = "[a-z0-9-]{1,63}";
    private static final Pattern URI =
            Pattern.compile("spiffe://strongroom/(-|" + LABEL + ")/([a-z]+)/(" + LABEL + ")");

    public Principal {
        if (!name.matches(LABEL)) {
            throw new IllegalArgumentException("name: expected 1 to 63 of a-z, 0-9 and -");
        }
        if (!tenant.matches(LABEL)) {
            throw new IllegalArgumentException("tenant: expected 1 to 63 of a-z, 0-9 and -");
        }
        boolean wholeVault = tenant.equals(WHOLE_VAULT);
        if (role == AccessRole.OPERATOR && !wholeVault) {
            throw new IllegalArgumentException("an operator belongs to no tenant");
        }
        if (wholeVault && role != AccessRole.OPERATOR && role != AccessRole.AUDITOR) {
            throw new IllegalArgumentException("role " + role.label() + " needs a tenant");
        }
    }

    /** Reads the URI of a certificate; empty when it is not one of ours. */
    public static Optional<Principal> ofUri(String uri) {
        Matcher matcher = URI.matcher(uri);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return AccessRole.ofLabel(matcher.group(2))
                    .map(role -> new Principal(matcher.group(1), role, matcher.group(3)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // a role that cannot belong to this tenant
        }
    }

    public String uri() {
        return "spiffe://strongroom/" + tenant + "/" + role.label() + "/" + name;
    }

    /** The caller of the gRPC call that this thread serves; the interceptor has let it in. */
    public static Principal current() {
        Principal principal = CURRENT.get();
        if (principal == null) {
            throw new IllegalStateException("no principal: not inside an authorised call");
        }
        return principal;
    }

    /** SHA-256 of the SubjectPublicKeyInfo that the certificate of that call is for. */
    public static Digest currentKey() {
        Digest key = KEY.get();
        if (key == null) {
            throw new IllegalStateException("no certificate: not inside an authorised call");
        }
        return key;
    }

    /** Name of the CA that issued the certificate of that call. */
    public static X500Principal currentIssuer() {
        X500Principal issuer = ISSUER.get();
        if (issuer == null) {
            throw new IllegalStateException("no certificate: not inside an authorised call");
        }
        return issuer;
    }

    public boolean isWholeVault() {
        return tenant.equals(WHOLE_VAULT);
    }

    /** True for records of its own tenant, and for everything when it is of the whole vault. */
    public boolean sees(String recordTenant) {
        return isWholeVault() || tenant.equals(recordTenant);
    }

    /** Refuses a request that names another tenant than the caller's. */
    public void requireTenant(String requested) throws RefusedException {
        if (!sees(requested)) {
            throw new RefusedException(
                    Reason.TENANT_DENIED,
                    "the certificate is for tenant "
                            + tenant
                            + ", not for the one named in the request; use the other tenant's"
                            + " certificate");
        }
    }

    @Override
    public String toString() {
        return uri();
    }
}
