package dev.strongroom.crypto.output;

/**
 * Whom a tier is for, by what a verified certificate says. Each part is a value or {@link #ANY};
 * all must match.
 *
 * @param issuer SHA-256 of the issuing CA's SubjectPublicKeyInfo, hex
 * @param tenant that the certificate is for
 * @param role that the certificate is for, lower case
 * @param key SHA-256 of the caller's own SubjectPublicKeyInfo, hex: nobody else can have it minted
 */
public record Voucher(String issuer, String tenant, String role, String key) {
    /** Stands for every value. */
    public static final String ANY = "*";

    static final String ISSUER_FORM = "\\*|[0-9a-f]{64}";
    static final String TENANT_FORM = "\\*|[a-z0-9-]{1,63}";
    static final String ROLE_FORM = "\\*|[a-z]{1,16}";

    /** True when the certificate is one of those meant. */
    public boolean vouchesFor(String itsIssuer, String itsTenant, String itsRole, String itsKey) {
        return matches(issuer, itsIssuer)
                && matches(tenant, itsTenant)
                && matches(role, itsRole)
                && matches(key, itsKey);
    }

    private static boolean matches(String wanted, String value) {
        return wanted.equals(ANY) || wanted.equals(value);
    }

    String canonical() {
        return "{\"issuer\":\"%s\",\"tenant\":\"%s\",\"role\":\"%s\",\"key\":\"%s\"}"
                .formatted(issuer, tenant, role, key);
    }
}
