package dev.strongroom.crypto.custody;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.TrustLevel;
import dev.strongroom.attestation.encoding.Canonical;
import dev.strongroom.attestation.encoding.CanonicalReader;
import dev.strongroom.attestation.encoding.MalformedEncodingException;
import dev.strongroom.crypto.format.ModelName;
import dev.strongroom.crypto.format.TenantName;
import dev.strongroom.crypto.format.VersionId;
import dev.strongroom.crypto.format.WrapFormat;
import java.util.HexFormat;

/**
 * Format 1 of a stored wrapped key's body; {@link ProvenBody} has what follows it:
 *
 * <pre>
 * canonical("strongroom/wrapped-key", 1)
 *   text  tenant          ≤ 63 bytes
 *   text  model name      ≤ 63 bytes
 *   bytes version id      16
 *   bytes owner id        32
 *   bytes KEK id          32
 *   u32   KEK version     ≥ 1
 *   u8    wrap format
 *   u8    trust level     of the KEK
 *   bytes wrapped key     ≤ 512 bytes
 *   bytes manifest digest 32
 * </pre>
 */
record WrappedKeyRecord(
        WrapBinding binding,
        String kekId,
        int kekVersion,
        WrapFormat wrapFormat,
        TrustLevel level,
        byte[] wrapped) {
    private static final String DOMAIN = "strongroom/wrapped-key";
    private static final int FORMAT = 1;
    private static final int MAX_NAME_BYTES = 63;
    private static final int VERSION_ID_BYTES = 16;
    private static final int KEK_ID_BYTES = 32;
    private static final int MAX_WRAPPED_BYTES = 512; // RSA-4096; AES key wrap needs 40

    byte[] encode() {
        return Canonical.of(DOMAIN, FORMAT)
                .text(binding.model().tenant().value())
                .text(binding.model().name())
                .bytes(binding.versionId().bytes())
                .bytes(binding.ownerId().bytes())
                .bytes(HexFormat.of().parseHex(kekId))
                .u32(kekVersion)
                .u8(wrapFormat.number())
                .u8(level.number())
                .bytes(wrapped)
                .bytes(binding.manifestDigest().bytes())
                .toByteArray();
    }

    static WrappedKeyRecord decode(byte[] body) throws MalformedEncodingException {
        var in = CanonicalReader.of(body, DOMAIN, FORMAT);
        try {
            return fields(in);
        } catch (IllegalArgumentException e) {
            throw in.malformed("expected names and numbers of the known grammar");
        }
    }

    private static WrappedKeyRecord fields(CanonicalReader in) throws MalformedEncodingException {
        var tenant = new TenantName(in.text("tenant", MAX_NAME_BYTES));
        var model = new ModelName(tenant, in.text("model", MAX_NAME_BYTES));
        var version = VersionId.of(in.fixed("version id", VERSION_ID_BYTES));
        var owner = Digest.of(in.fixed("owner id", Digest.BYTES));
        String kekId = HexFormat.of().formatHex(in.fixed("KEK id", KEK_ID_BYTES));
        int kekVersion = in.u32("KEK version");
        if (kekVersion < 1) {
            throw in.malformed("KEK version: expected at least 1");
        }
        WrapFormat format = WrapFormat.ofNumber(in.u8("wrap format"));
        TrustLevel level = TrustLevel.ofNumber(in.u8("trust level"));
        byte[] wrapped = in.bytes("wrapped key", MAX_WRAPPED_BYTES);
        var manifest = Digest.of(in.fixed("manifest digest", Digest.BYTES));
        in.end();
        var binding = new WrapBinding(model, version, owner, manifest);
        return new WrappedKeyRecord(binding, kekId, kekVersion, format, level, wrapped);
    }
}
