package dev.strongroom.crypto.format;

import dev.strongroom.attestation.encoding.Canonical;

/**
 * Says which quarantine is to end: what approvers read and agree to.
 *
 * @param identity whose it is: {@code spiffe://strongroom/TENANT/ROLE/NAME}
 * @param leaf of the touch that it began with, so that no later one is meant
 */
public record QuarantineLift(String identity, long leaf) {
    private static final int MAX_BYTES = 512;
    private static final int MAX_IDENTITY_BYTES = 256;
    private static final String PREFIX = "spiffe://strongroom/";
    private static final String DOMAIN = "strongroom/quarantine-lift";

    public QuarantineLift {
        Strict.requireMatch(
                "identity", identity, PREFIX + "[a-z0-9-]{1,63}/[a-z]+/[a-z0-9-]{1,63}");
        Strict.requireRange("leaf", leaf, 0, Long.MAX_VALUE);
    }

    /** {@code tenant/role/name}. */
    String subject() {
        return identity.substring(PREFIX.length());
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1).text(identity).u64(leaf).toByteArray();
    }

    public static QuarantineLift decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(
                encoded,
                MAX_BYTES,
                DOMAIN,
                1,
                in -> new QuarantineLift(in.text("identity", MAX_IDENTITY_BYTES), in.u64("leaf")));
    }
}
