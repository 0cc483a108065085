package dev.strongroom.serving.infer;

import dev.strongroom.attestation.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Who asks, as his connection proved it. Made once for each connection; all its calls share it.
 *
 * <p>Immutable.
 */
public final class Caller {
    private final String tenant;
    private final String role;
    private final String name;
    private final String key;
    private final String issuer;
    private final String group;
    private final String source;
    private final long connection;
    private final String identity;
    private final long number;

    /**
     * @param tenant of his certificate
     * @param role lower case
     * @param name of the identity
     * @param key SHA-256 of the certificate's SubjectPublicKeyInfo, hex
     * @param issuer SHA-256 of the SubjectPublicKeyInfo of the CA that issued it, hex; empty when
     *     that CA is none of those in force
     * @param group that the certificate declares, its organisation; else the identity, which is a
     *     group of its own
     * @param source address of the peer, without a port; empty where the transport has none
     * @param connection a number of the connection's own, the same for all its calls
     */
    public Caller(
            String tenant,
            String role,
            String name,
            String key,
            String issuer,
            String group,
            String source,
            long connection) {
        this.tenant = tenant;
        this.role = role;
        this.name = name;
        this.key = key;
        this.issuer = issuer;
        this.group = group;
        this.source = source;
        this.connection = connection;
        this.identity = tenant + '/' + role + '/' + name;
        this.number = number(identity);
    }

    /** A number for an identity ({@code tenant/role/name}), the same on every node; never zero. */
    public static long number(String identity) {
        byte[] digest = Digest.newSha256().digest(identity.getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(digest).getLong() | 1;
    }

    /** {@code tenant/role/name}: the same for every certificate of the identity. */
    public String identity() {
        return identity;
    }

    /** That of {@link #identity}. */
    public long number() {
        return number;
    }

    public String tenant() {
        return tenant;
    }

    public String role() {
        return role;
    }

    public String name() {
        return name;
    }

    public String key() {
        return key;
    }

    public String issuer() {
        return issuer;
    }

    public String group() {
        return group;
    }

    public String source() {
        return source;
    }

    public long connection() {
        return connection;
    }
}
