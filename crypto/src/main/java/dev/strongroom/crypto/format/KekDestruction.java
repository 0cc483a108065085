package dev.strongroom.crypto.format;

import dev.strongroom.attestation.encoding.Canonical;

/**
 * Says which key-encryption key is to be destroyed for ever: what approvers read and agree to.
 *
 * @param version of the tenant's key
 * @param keyId the token's own id of the key (CKA_ID), hex, so that no other key is meant when the
 *     vault's tables are changed meanwhile
 */
public record KekDestruction(TenantName tenant, int version, String keyId) {
    private static final int MAX_BYTES = 512;
    private static final int MAX_KEY_ID_BYTES = 256;
    private static final String DOMAIN = "strongroom/kek-destruction";

    public KekDestruction {
        Strict.requireRange("kek version", version, 1, Integer.MAX_VALUE);
        Strict.requireMatch("kek id", keyId, "([0-9a-f]{2}){1," + MAX_KEY_ID_BYTES / 2 + "}");
    }

    public byte[] encode() {
        return Canonical.of(DOMAIN, 1).text(tenant.value()).u32(version).text(keyId).toByteArray();
    }

    public static KekDestruction decode(byte[] encoded) throws SealedFormatException {
        return Strict.read(
                encoded,
                MAX_BYTES,
                DOMAIN,
                1,
                in ->
                        new KekDestruction(
                                new TenantName(in.text("tenant", TenantName.MAX_BYTES)),
                                in.u32("version"),
                                in.text("key id", MAX_KEY_ID_BYTES)));
    }
}
