package dev.strongroom.attestation;

import dev.strongroom.attestation.encoding.Canonical;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * Everything one piece of evidence speaks for. Its SHA-512 is the report data, so the hardware's
 * signature covers every field.
 *
 * @param role what the evidence is for
 * @param nonce the verifier's, 32 bytes, single use
 * @param kemSpki SubjectPublicKeyInfo of the ephemeral release key; empty but for {@link
 *     Role#RELEASE} and {@link Role#PART}
 * @param tlsSpki SubjectPublicKeyInfo of the node's TLS key; for {@link Role#RESEAL}, of the key
 *     that signs the seal
 * @param vaultKeyId SHA-256 of the vault's signing key; for {@link Role#PART}, of the agent's TLS
 *     key
 * @param owners whom the node was launched for, seen by the owner of the manifest
 * @param tenant tenant name
 * @param manifestDigest which version, down to its seal
 * @param policies release and output policy, in that order
 * @param posture the level the node claims
 * @param bootId 16 random bytes of this node process
 */
public record Transcript(
        Role role,
        byte[] nonce,
        byte[] kemSpki,
        byte[] tlsSpki,
        Digest vaultKeyId,
        NodeOwners owners,
        String tenant,
        Digest manifestDigest,
        List<PolicyReference> policies,
        Posture posture,
        byte[] bootId) {
    public static final int NONCE_BYTES = 32;
    public static final int BOOT_ID_BYTES = 16;
    private static final String DOMAIN = "strongroom/attestation-transcript";

    public Transcript {
        requireLength("nonce", nonce, NONCE_BYTES);
        requireLength("boot id", bootId, BOOT_ID_BYTES);
        boolean released = role == Role.RELEASE || role == Role.PART;
        if (released && kemSpki.length == 0) {
            throw new IllegalArgumentException("transcript: a release names a KEM key");
        }
        if (!released && kemSpki.length != 0) {
            throw new IllegalArgumentException("transcript: only a release names a KEM key");
        }
        policies = List.copyOf(policies);
    }

    /** SHA-256 of the owner root's SubjectPublicKeyInfo. */
    public Digest ownerId() {
        return owners.own();
    }

    /** SHA-512 of the canonical encoding, 64 bytes. */
    public byte[] reportData() {
        var canonical =
                Canonical.of(DOMAIN, 1)
                        .u8(role.number())
                        .bytes(nonce)
                        .bytes(kemSpki)
                        .bytes(tlsSpki)
                        .bytes(vaultKeyId.bytes())
                        .bytes(owners.own().bytes())
                        .u32(owners.others().size());
        owners.others().forEach(owner -> canonical.bytes(owner.bytes()));
        canonical.text(tenant).bytes(manifestDigest.bytes()).u32(policies.size());
        for (PolicyReference policy : policies) {
            canonical
                    .u8(policy.kind().number())
                    .text(policy.id())
                    .u64(policy.seq())
                    .bytes(policy.digest().bytes());
        }
        return sha512(canonical.u8(posture.level()).bytes(bootId).toByteArray());
    }

    /**
     * The nonce for attached devices, 32 bytes: their evidence answers the same challenge as the
     * CPU's.
     */
    public byte[] deviceNonce() {
        return Digest.sha256(
                        Canonical.of("strongroom/device-nonce", 1)
                                .bytes(reportData())
                                .toByteArray())
                .bytes();
    }

    private static byte[] sha512(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-512").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-512", e);
        }
    }

    private static void requireLength(String field, byte[] value, int length) {
        if (value.length != length) {
            throw new IllegalArgumentException(
                    field + ": expected " + length + " bytes, got " + value.length);
        }
    }
}
