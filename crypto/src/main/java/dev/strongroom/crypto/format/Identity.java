package dev.strongroom.crypto.format;

import dev.strongroom.attestation.Digest;
import dev.strongroom.attestation.encoding.Canonical;

/**
 * Which version of whose model sealed bytes belong to. Its encodings are the associated data of
 * everything sealed, so that nothing opens under another owner, version or place.
 *
 * @param ownerId SHA-256 of the owner root's SubjectPublicKeyInfo
 */
public record Identity(Suite suite, Digest ownerId, ModelName model, VersionId versionId) {

    /** Associated data of what belongs to the version as a whole. */
    public byte[] version() {
        return fields("strongroom/identity/version").toByteArray();
    }

    /**
     * Associated data of one file.
     *
     * @param fileIndex place in the content statement's list, from 0
     */
    public byte[] file(String fileName, int fileIndex) {
        return fields("strongroom/identity/file").text(fileName).u32(fileIndex).toByteArray();
    }

    private Canonical fields(String domain) {
        return Canonical.of(domain, 1)
                .u8(suite.number())
                .bytes(ownerId.bytes())
                .text(model.tenant().value())
                .text(model.name())
                .bytes(versionId.bytes());
    }
}
