package dev.strongroom.serving.infer;

/**
 * Who asks, as his connection proved it.
 *
 * @param tenant of his certificate
 * @param role lower case
 * @param name of the identity
 * @param key SHA-256 of the certificate's SubjectPublicKeyInfo, hex
 * @param issuer SHA-256 of the SubjectPublicKeyInfo of the CA that issued it, hex; empty when that
 *     CA is none of those in force
 * @param group that the certificate declares: its organisation, or else its tenant
 * @param source address of the peer, without a port; empty where the transport has none
 * @param connection a number of the connection's own, the same for all its calls
 */
public record Caller(
        String tenant,
        String role,
        String name,
        String key,
        String issuer,
        String group,
        String source,
        long connection) {
    /** {@code tenant/role/name}: the same for every certificate of the identity. */
    public String identity() {
        return tenant + '/' + role + '/' + name;
    }
}
